// Contents of status.json and of the session files.
#include <boost/test/unit_test.hpp>

#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(status, Monitored)

BOOST_AUTO_TEST_CASE(sessions_are_counted_per_state_from_the_start_counts_and_transitions) {
  counts[static_cast<std::size_t>(State::enriched)] = 5;
  start();
  counters->transitioned(event(std::nullopt, State::no_uploads));
  counters->transitioned(event(State::no_uploads, State::in_progress));
  counters->erased(id_of(9), State::enriched);
  const auto sessions = status().at("sessions").as_object();
  BOOST_TEST(sessions.at("NO_UPLOADS").to_number<int>() == 0);
  BOOST_TEST(sessions.at("IN_PROGRESS").to_number<int>() == 1);
  BOOST_TEST(sessions.at("ENRICHED").to_number<int>() == 4);
}

BOOST_AUTO_TEST_CASE(the_oldest_live_session_is_never_one_that_is_final) {
  reader.store.oldest_live = id_of(1);
  start();
  BOOST_REQUIRE(eventually([this] { return !status().at("oldest_non_final_session").is_null(); }));
  EventRecord ended = event(State::processing, State::enriched);
  ended.id = id_of(1);
  ended.transition.final = true;
  counters->transitioned(ended);
  BOOST_TEST(status().at("oldest_non_final_session").is_null());
}

BOOST_AUTO_TEST_CASE(the_status_has_all_documented_fields) {
  start();
  const auto all = status();
  for (const char* field : {"version", "pid", "started_at", "written_at", "health", "problems", "sessions",
                            "webhooks", "upstream", "poll_lateness", "store", "oldest_non_final_session"}) {
    BOOST_TEST(all.contains(field), field);
  }
  BOOST_TEST(all.at("webhooks").at("state").as_string() == "off");
}

BOOST_AUTO_TEST_CASE(the_rate_of_requests_is_written_as_people_write_it) {
  start();
  BOOST_TEST(reporter->status_json().find("\"requests_per_second\":0.0,") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(calls_that_mostly_fail_are_a_problem_whatever_the_breaker_says_until_they_succeed) {
  start();
  const auto answered = [this](Trigger trigger, const char* code) {
    Answer answer;
    answer.event.trigger = trigger;
    if (*code != '\0') answer.error = LastError{code, "", clock.now().wall};
    Question question;
    question.id = id_of(1);
    question.call = Call::progress;
    counters->answered(question, answer);
  };
  for (int i = 0; i < 4; ++i)
    answered(Trigger::passing_fault, "NOT_JSON");
  BOOST_TEST(status().at("health").as_string() == "ok");
  answered(Trigger::passing_fault, "NOT_JSON");
  BOOST_TEST(status().at("health").as_string() == "degraded");
  const auto problem = status().at("problems").as_array().at(0).as_object();
  BOOST_TEST(problem.at("code").as_string() == "UPSTREAM_FAILING");
  BOOST_TEST(problem.at("text").as_string().find("5 of the last 5") != std::string::npos);
  for (int i = 0; i < 6; ++i)
    answered(Trigger::still_processing, "");
  BOOST_TEST(status().at("health").as_string() == "ok");
}

BOOST_AUTO_TEST_CASE(an_upstream_condition_is_a_problem_until_calls_flow_again) {
  start();
  counters->upstream_condition({UpstreamCondition::Kind::paused, "ACCESS_DENIED", clock.now().wall});
  BOOST_TEST(status().at("health").as_string() == "paused");
  BOOST_TEST(status().at("problems").as_array().at(0).at("code").as_string() == "UPSTREAM_ACCOUNT_REFUSED");
  counters->upstream_condition({UpstreamCondition::Kind::broken, "HTTP_503", clock.now().wall});
  BOOST_TEST(status().at("health").as_string() == "degraded");
  counters->upstream_condition({});
  BOOST_TEST(status().at("health").as_string() == "ok");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_a_problem) {
  reader.store.disk_full = true;
  start();
  BOOST_TEST(eventually([&] { return status().at("health").as_string() == "degraded"; }));
}

BOOST_AUTO_TEST_CASE(status_json_is_written) {
  start();
  BOOST_TEST(eventually([&] { return fs::exists(path / "status" / "status.json"); }));
  BOOST_TEST(boost::json::parse(read(path / "status" / "status.json")).at("version").as_string() == "1.2.3");
}

BOOST_AUTO_TEST_CASE(the_file_of_a_changed_session_shows_what_only_memory_knows) {
  reader.records[id_of(1)].id = id_of(1);
  start();
  counters->changed(id_of(1));
  const fs::path file = session_file(1);
  BOOST_TEST_REQUIRE(eventually([&] { return fs::exists(file); }));
  BOOST_TEST(boost::json::parse(read(file)).at("attempts").to_number<int>() == 3);
}

BOOST_AUTO_TEST_CASE(files_of_an_earlier_run_are_rewritten_or_removed_as_the_store_says) {
  fs::create_directories(path / "status" / "sessions");
  const fs::path gone = session_file(1);
  const fs::path stale = session_file(2);
  const fs::path half = session_file(3).string() + ".new";
  for (const fs::path& file : {gone, stale, half})
    std::ofstream(file) << "{}";
  reader.records[id_of(2)].id = id_of(2);
  start();
  BOOST_TEST(eventually([&] { return !fs::exists(gone) && !fs::exists(half) && read(stale).size() > 2; }));
}

BOOST_AUTO_TEST_CASE(remove_file_completes_once_the_file_is_gone) {
  start();
  const fs::path file = session_file(1);
  std::ofstream(file) << "{}";
  bool removed = false;
  reporter->remove_file(id_of(1), [&](const Result<void>& result) { removed = result.has_value(); });
  BOOST_TEST(eventually([&] { return removed; }));
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(a_session_file_that_cannot_be_written_is_a_problem_whatever_becomes_of_others) {
  start();
  reader.records[id_of(1)].id = id_of(1);
  reader.records[id_of(2)].id = id_of(2);
  const fs::path in_the_way = session_file(1).string() + ".new";
  fs::create_directories(in_the_way);
  counters->changed(id_of(1));
  BOOST_REQUIRE(eventually([&] { return !status().at("problems").as_array().empty(); }));
  counters->changed(id_of(2));
  BOOST_REQUIRE(eventually([&] { return fs::exists(session_file(2)); }));
  eventually([] { return false; });
  BOOST_TEST(!status().at("problems").as_array().empty());
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);

  fs::remove(in_the_way);
  BOOST_TEST(eventually([&] { return status().at("problems").as_array().empty(); }));
  BOOST_TEST(fs::exists(session_file(1)));
}

BOOST_AUTO_TEST_CASE(a_status_that_cannot_be_written_is_a_problem_whatever_becomes_of_session_files) {
  fs::create_directories(path / "status" / "status.json.new");
  start();
  reader.records[id_of(1)].id = id_of(1);
  BOOST_REQUIRE(eventually([&] { return !status().at("problems").as_array().empty(); }));
  counters->changed(id_of(1));
  const fs::path file = session_file(1);
  BOOST_REQUIRE(eventually([&] { return fs::exists(file); }));
  BOOST_TEST(!status().at("problems").as_array().empty());
  fs::remove(path / "status" / "status.json.new");
  BOOST_TEST(eventually([&] { return status().at("problems").as_array().empty(); }));
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);
}

BOOST_AUTO_TEST_CASE(an_unwritable_directory_is_a_problem_and_logged_once) {
  std::ofstream(path / "status") << "in the way";
  start();
  BOOST_TEST(status().at("problems").as_array().at(0).at("code").as_string() == "STATUS_FILES_UNWRITABLE");
  counters->changed(id_of(1));
  eventually([] { return false; });
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
