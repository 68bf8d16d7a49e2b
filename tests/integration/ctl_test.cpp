// The commands of bankconnectctl.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

namespace {

struct CtlWorld : World {
  CtlWorld()
      : World("[scenario.complete]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"300ms\"\n" +
              session_entry(session_id(1), "complete") + session_entry(session_id(2), "complete") +
              "[scenario.deleted]\ndeleted_after = \"0s\"\n" + session_entry(session_id(3), "deleted")) {}

  RunResult ctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--socket", folder / "socket"});
    return run(BANKCONNECTCTL, arguments);
  }
  /// Runs it with `input` on standard input.
  RunResult ctl_reading(const std::string& input, const std::string& arguments) const {
    write_file(folder / "input", input);
    return run("/bin/sh", {"-c", std::string(BANKCONNECTCTL) + " --socket " + (folder / "socket").string() +
                                     " " + arguments + " < " + (folder / "input").string()});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ctl, CtlWorld)

BOOST_AUTO_TEST_CASE(a_command_without_a_daemon_exits_69) {
  BOOST_TEST(ctl({"status"}).code == 69);
}

BOOST_AUTO_TEST_CASE(a_watched_session_that_is_forgotten_ends_the_watch_with_3) {
  configure("processing", "auto = false");
  start_daemon();
  BOOST_TEST(ctl({"add", session_id(1)}).code == 0);
  BOOST_TEST_REQUIRE(reaches(session_id(1), "COMPLETED"));
  Process watching(BANKCONNECTCTL, {"--socket", folder / "socket", "watch", session_id(1)},
                   folder / "watched");
  BOOST_TEST_REQUIRE(
      eventually([&] { return read_file(folder / "watched").find("COMPLETED") != std::string::npos; }));
  BOOST_TEST(ctl({"forget", session_id(1)}).code == 0);
  BOOST_TEST(watching.wait(5s).value_or(-1) == 3);
}

BOOST_AUTO_TEST_CASE(a_missing_unknown_or_incomplete_command_exits_2) {
  BOOST_TEST(ctl({}).code == 2);
  BOOST_TEST(ctl({"frobnicate"}).code == 2);
  BOOST_TEST(ctl({"add"}).code == 2);
}

BOOST_AUTO_TEST_CASE(sessions_can_be_added_watched_shown_listed_and_their_insights_fetched) {
  start_daemon();
  const RunResult added = ctl({"add", session_id(1), session_id(2)});
  BOOST_TEST(added.code == 0);
  BOOST_TEST(added.output.find("accepted") != std::string::npos);
  const RunResult watched = ctl({"watch", session_id(1), session_id(2)});
  BOOST_TEST(watched.code == 0);
  BOOST_TEST(watched.output.find("PROCESSING -> ENRICHED (complete)") != std::string::npos, watched.output);
  BOOST_TEST(ctl({"show", session_id(1)}).output.find("ENRICHED (complete)") != std::string::npos);
  BOOST_TEST(ctl({"list", "--state", "ENRICHED"}).output.find(session_id(2)) != std::string::npos);
  const RunResult insights = ctl({"insights", session_id(1)});
  BOOST_TEST(insights.code == 0);
  BOOST_TEST(boost::json::parse(insights.output).is_object());
  BOOST_TEST(boost::json::parse(ctl({"session-status", session_id(1)}).output).is_object());
  BOOST_TEST(
      boost::json::parse(ctl({"--json", "status"}).output).at("sessions").at("ENRICHED").to_number<int>() ==
      2);
}

BOOST_AUTO_TEST_CASE(an_invalid_id_is_refused_with_exit_1_and_the_valid_id_beside_it_is_added) {
  start_daemon();
  const RunResult added = ctl({"add", "nonsense", session_id(1)});
  BOOST_TEST(added.code == 1);
  BOOST_TEST(added.output.find("INVALID_SESSION_ID") != std::string::npos);
  BOOST_TEST(ctl({"show", session_id(1)}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_hangs_is_reported_within_the_timeout_with_exit_69) {
  start_daemon();
  daemon().signal(SIGSTOP);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status"}, {"list"}, {"hold", session_id(1)}, {"add", session_id(1)}}) {
    std::vector<std::string> arguments = {"--timeout", "1"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const RunResult ran = ctl(arguments);
    BOOST_TEST(ran.code == 69, command.front());
    BOOST_TEST(ran.output.find("is there and does not answer") != std::string::npos, ran.output);
  }
  daemon().signal(SIGCONT);
  BOOST_TEST(ctl({"status"}).code == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_filter_or_a_senseless_limit_exits_2) {
  start_daemon();
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"list", "--reference", ""},
                                                    {"list", "--state", ""},
                                                    {"list", "--limit", "0"},
                                                    {"list", "--limit", "-1"},
                                                    {"webhooks", "--session", ""},
                                                    {"webhooks", "--result", ""},
                                                    {"webhooks", "--limit", "0"},
                                                    {"events", "--after", ""},
                                                    {"--timeout", "0", "status"}})
    BOOST_TEST(ctl(arguments).code == 2, arguments.front() << " " << arguments.back());
}

BOOST_AUTO_TEST_CASE(forget_erases_more_than_ten_sessions_only_with_yes) {
  start_daemon();
  std::vector<std::string> command = {"forget"};
  for (int i = 1; i <= 11; ++i) {
    submit(session_id(i));
    command.push_back(session_id(i));
  }
  BOOST_TEST(ctl(command).code == 2);
  BOOST_TEST(ctl({"show", session_id(11)}).code == 0);
  command.push_back("--yes");
  BOOST_TEST(ctl(command).code == 0);
  BOOST_TEST(ctl({"show", session_id(11)}).code == 3);
}

BOOST_AUTO_TEST_CASE(a_refusal_among_several_sessions_names_its_session) {
  start_daemon();
  submit(session_id(1));
  const RunResult ran = ctl({"poll", session_id(1), session_id(77)});
  BOOST_TEST(ran.code == 3);
  BOOST_TEST(ran.output.find(session_id(77) + ": SESSION_NOT_FOLLOWED") != std::string::npos, ran.output);
  const RunResult json = ctl({"--json", "forget", session_id(77), session_id(1)});
  BOOST_TEST(json.output.find("{\"session_id\":\"" + session_id(77) + "\",\"error\":{") != std::string::npos,
             json.output);
  BOOST_TEST(json.output.find("{\"session_id\":\"" + session_id(1) + "\",\"result\":\"erased\"}") !=
                 std::string::npos,
             json.output);
}

BOOST_AUTO_TEST_CASE(a_list_is_read_as_editors_leave_it_and_its_errors_name_their_lines) {
  start_daemon();
  const std::string list =
      "\xEF\xBB\xBF# today\r\n\r\n\"" + session_id(1) + "\"\r\n{" + session_id(2) + "}\r\nnonsense\r\n";
  for (const std::string arguments : {"add -", "add - --reference loan"}) {
    const RunResult added = ctl_reading(list, arguments);
    BOOST_TEST(added.code == 1);
    BOOST_TEST(added.output.find("line 5: ") != std::string::npos, added.output);
    BOOST_TEST(added.output.find("nonsense") != std::string::npos, added.output);
    BOOST_TEST(ctl({"show", session_id(1)}).code == 0);
    BOOST_TEST(ctl({"show", session_id(2)}).code == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_be_read_exits_74) {
  start_daemon();
  const std::string add =
      std::string(BANKCONNECTCTL) + " --socket " + (folder / "socket").string() + " add - ";
  for (const std::string input : {"< /", "<&-"}) {
    const RunResult ran = run("/bin/sh", {"-c", add + input});
    BOOST_TEST(ran.code == 74, input);
    BOOST_TEST(ran.output.find("cannot be read after line 0") != std::string::npos, ran.output);
  }
}

BOOST_AUTO_TEST_CASE(a_command_on_an_unknown_session_exits_3_and_in_a_wrong_state_exits_1) {
  start_daemon();
  BOOST_TEST(ctl({"show", session_id(77)}).code == 3);
  BOOST_TEST(ctl({"poll", session_id(77)}).code == 3);
  ctl({"add", session_id(3)});
  BOOST_TEST(ending(session_id(3)) == "FAILED SESSION_DELETED");
  const RunResult processed = ctl({"process", session_id(3)});
  BOOST_TEST(processed.code == 1);
  BOOST_TEST(processed.output.find("WRONG_STATE") != std::string::npos);
  BOOST_TEST(ctl({"retry", session_id(3)}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_held_session_is_initiated_only_after_its_release) {
  start_daemon();
  BOOST_TEST(ctl({"add", "--hold", "--reference", "loan-7", session_id(1)}).code == 0);
  BOOST_TEST(reaches(session_id(1), "COMPLETED"));
  BOOST_TEST(ctl({"list", "--reference", "loan-7"}).output.find("(held)") != std::string::npos);
  BOOST_TEST(initiates(session_id(1), "accepted") == 0);
  BOOST_TEST(ctl({"release", session_id(1)}).code == 0);
  BOOST_TEST(ending(session_id(1)) == "ENRICHED complete");
}

BOOST_AUTO_TEST_CASE(add_options_apply_to_every_line_of_standard_input_plain_or_json) {
  start_daemon();
  const std::string lines = session_id(1) + " \r\n{\"session_id\":\"" + session_id(2) + "\"}\n";
  BOOST_TEST(ctl_reading(lines, "add - --hold --reference loan-8").code == 0);
  for (const int number : {1, 2}) {
    BOOST_TEST(session(session_id(number)).at("hold").as_bool());
    BOOST_TEST(session(session_id(number)).at("reference").as_string() == "loan-8");
  }
}

BOOST_AUTO_TEST_CASE(forget_removes_the_session_its_status_file_and_its_traces_in_the_database) {
  start_daemon();
  ctl({"add", "--reference", "SECRET-REFERENCE-42", session_id(1)});
  BOOST_TEST(ending(session_id(1)) == "ENRICHED complete");
  const auto file = folder / ("status/sessions/" + session_id(1) + ".json");
  BOOST_TEST(eventually([&] { return std::filesystem::exists(file); }));
  BOOST_TEST(ctl({"forget", session_id(1)}).code == 0);
  BOOST_TEST(ctl({"show", session_id(1)}).code == 3);
  BOOST_TEST(!std::filesystem::exists(file));
  BOOST_TEST(ctl({"events"}).output.find("(erased)") != std::string::npos);
  for (const char* part : {"db", "db-wal", "db-shm"}) {
    BOOST_TEST(read_file(folder / part).find("SECRET-REFERENCE-42") == std::string::npos, part);
  }
}

BOOST_AUTO_TEST_CASE(backup_writes_a_database_and_refuses_to_overwrite_a_file) {
  start_daemon();
  ctl({"add", session_id(1)});
  BOOST_TEST(ctl({"backup", folder / "copy.db"}).code == 0);
  BOOST_TEST(ctl({"backup", folder / "copy.db"}).code == 1);
  BOOST_TEST(read_file(folder / "copy.db").starts_with("SQLite format 3"));
}

BOOST_AUTO_TEST_CASE(status_files_show_the_final_state_of_a_session) {
  start_daemon();
  ctl({"add", session_id(1)});
  BOOST_TEST(ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(eventually([&] {
    const std::string status = read_file(folder / "status/status.json");
    return !status.empty() && boost::json::parse(status).at("sessions").at("ENRICHED").to_number<int>() == 1;
  }));
  BOOST_TEST(eventually([&] {
    return read_file(folder / ("status/sessions/" + session_id(1) + ".json")).find("ENRICHED") !=
           std::string::npos;
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
