// bankconnectctl as a user types it.
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

  Ran ctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--socket", folder / "socket"});
    return run(BANKCONNECTCTL, arguments);
  }
  /// With this on standard input.
  Ran ctl_reading(const std::string& input, const std::string& arguments) const {
    write_file(folder / "input", input);
    return run("/bin/sh", {"-c", std::string(BANKCONNECTCTL) + " --socket " + (folder / "socket").string() +
                                     " " + arguments + " < " + (folder / "input").string()});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ctl, CtlWorld)

BOOST_AUTO_TEST_CASE(without_a_daemon_it_says_so_and_exits_69) {
  BOOST_TEST(ctl({"status"}).code == 69);
}

BOOST_AUTO_TEST_CASE(without_a_command_or_with_a_wrong_one_it_exits_2) {
  BOOST_TEST(ctl({}).code == 2);
  BOOST_TEST(ctl({"frobnicate"}).code == 2);
  BOOST_TEST(ctl({"add"}).code == 2);
}

BOOST_AUTO_TEST_CASE(sessions_are_added_watched_shown_and_fetched) {
  start_daemon();
  const Ran added = ctl({"add", session_id(1), session_id(2)});
  BOOST_TEST(added.code == 0);
  BOOST_TEST(added.output.find("accepted") != std::string::npos);
  const Ran watched = ctl({"watch", session_id(1), session_id(2)});
  BOOST_TEST(watched.code == 0);
  BOOST_TEST(watched.output.find("PROCESSING -> ENRICHED (complete)") != std::string::npos, watched.output);
  BOOST_TEST(ctl({"show", session_id(1)}).output.find("ENRICHED (complete)") != std::string::npos);
  BOOST_TEST(ctl({"list", "--state", "ENRICHED"}).output.find(session_id(2)) != std::string::npos);
  const Ran insights = ctl({"insights", session_id(1)});
  BOOST_TEST(insights.code == 0);
  BOOST_TEST(boost::json::parse(insights.output).is_object());
  BOOST_TEST(boost::json::parse(ctl({"session-status", session_id(1)}).output).is_object());
  BOOST_TEST(
      boost::json::parse(ctl({"--json", "status"}).output).at("sessions").at("ENRICHED").to_number<int>() ==
      2);
}

BOOST_AUTO_TEST_CASE(a_bad_id_is_refused_by_itself_and_the_exit_code_says_so) {
  start_daemon();
  const Ran added = ctl({"add", "nonsense", session_id(1)});
  BOOST_TEST(added.code == 1);
  BOOST_TEST(added.output.find("INVALID_SESSION_ID") != std::string::npos);
  BOOST_TEST(ctl({"show", session_id(1)}).code == 0);
}

BOOST_AUTO_TEST_CASE(an_unknown_session_exits_3_and_a_wrong_state_1) {
  start_daemon();
  BOOST_TEST(ctl({"show", session_id(77)}).code == 3);
  BOOST_TEST(ctl({"poll", session_id(77)}).code == 3);
  ctl({"add", session_id(3)});
  BOOST_TEST(ending(session_id(3)) == "FAILED SESSION_DELETED");
  const Ran processed = ctl({"process", session_id(3)});
  BOOST_TEST(processed.code == 1);
  BOOST_TEST(processed.output.find("WRONG_STATE") != std::string::npos);
  BOOST_TEST(ctl({"retry", session_id(3)}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_held_session_waits_for_its_release) {
  start_daemon();
  BOOST_TEST(ctl({"add", "--hold", "--reference", "loan-7", session_id(1)}).code == 0);
  BOOST_TEST(reaches(session_id(1), "COMPLETED"));
  BOOST_TEST(ctl({"list", "--reference", "loan-7"}).output.find("(held)") != std::string::npos);
  BOOST_TEST(initiates(session_id(1), "accepted") == 0);
  BOOST_TEST(ctl({"release", session_id(1)}).code == 0);
  BOOST_TEST(ending(session_id(1)) == "ENRICHED complete");
}

BOOST_AUTO_TEST_CASE(options_hold_for_every_line_that_is_read_whatever_its_form) {
  start_daemon();
  const std::string lines = session_id(1) + " \r\n{\"session_id\":\"" + session_id(2) + "\"}\n";
  BOOST_TEST(ctl_reading(lines, "add - --hold --reference loan-8").code == 0);
  for (const int number : {1, 2}) {
    BOOST_TEST(session(session_id(number)).at("hold").as_bool());
    BOOST_TEST(session(session_id(number)).at("reference").as_string() == "loan-8");
  }
}

BOOST_AUTO_TEST_CASE(forgetting_leaves_nothing_behind) {
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

BOOST_AUTO_TEST_CASE(a_backup_is_a_database_of_its_own) {
  start_daemon();
  ctl({"add", session_id(1)});
  BOOST_TEST(ctl({"backup", folder / "copy.db"}).code == 0);
  BOOST_TEST(ctl({"backup", folder / "copy.db"}).code == 1);  // never written over
  BOOST_TEST(read_file(folder / "copy.db").starts_with("SQLite format 3"));
}

BOOST_AUTO_TEST_CASE(status_files_follow) {
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
