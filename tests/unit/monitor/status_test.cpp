// What status.json and the session files say.
#include <boost/test/unit_test.hpp>

#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(status, Monitored)

BOOST_AUTO_TEST_CASE(sessions_are_counted_per_state_from_what_was_stored_and_what_happens) {
  counts[static_cast<std::size_t>(State::enriched)] = 5;
  start();
  monitor->transitioned(event(std::nullopt, State::no_uploads));
  monitor->transitioned(event(State::no_uploads, State::in_progress));
  monitor->erased(id_of(9), State::enriched);
  const auto sessions = status().at("sessions").as_object();
  BOOST_TEST(sessions.at("NO_UPLOADS").to_number<int>() == 0);
  BOOST_TEST(sessions.at("IN_PROGRESS").to_number<int>() == 1);
  BOOST_TEST(sessions.at("ENRICHED").to_number<int>() == 4);
}

BOOST_AUTO_TEST_CASE(all_fields_of_the_contract_are_there) {
  start();
  const auto all = status();
  for (const char* field : {"version", "pid", "started_at", "written_at", "health", "problems", "sessions",
                            "webhooks", "upstream", "poll_lateness", "store", "oldest_non_final_session"}) {
    BOOST_TEST(all.contains(field), field);
  }
  BOOST_TEST(all.at("webhooks").at("state").as_string() == "off");
}

BOOST_AUTO_TEST_CASE(trouble_upstream_is_a_problem_with_a_code_and_ends) {
  start();
  monitor->upstream_condition({UpstreamCondition::Kind::paused, "ACCESS_DENIED", clock.now().wall});
  BOOST_TEST(status().at("health").as_string() == "paused");
  BOOST_TEST(status().at("problems").as_array().at(0).at("code").as_string() == "UPSTREAM_ACCOUNT_REFUSED");
  monitor->upstream_condition({UpstreamCondition::Kind::broken, "HTTP_503", clock.now().wall});
  BOOST_TEST(status().at("health").as_string() == "degraded");
  monitor->upstream_condition({});
  BOOST_TEST(status().at("health").as_string() == "ok");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_a_problem) {
  archive.store.disk_full = true;
  start();
  BOOST_TEST(eventually([&] { return status().at("health").as_string() == "degraded"; }));
}

BOOST_AUTO_TEST_CASE(status_json_is_written) {
  start();
  BOOST_TEST(eventually([&] { return fs::exists(path / "status" / "status.json"); }));
  BOOST_TEST(boost::json::parse(read(path / "status" / "status.json")).at("version").as_string() == "1.2.3");
}

BOOST_AUTO_TEST_CASE(a_changed_session_has_its_file_with_what_memory_knows) {
  archive.records[id_of(1)].id = id_of(1);
  start();
  monitor->changed(id_of(1));
  const fs::path file = path / "status" / "sessions" / (id_of(1).text() + ".json");
  BOOST_TEST_REQUIRE(eventually([&] { return fs::exists(file); }));
  BOOST_TEST(boost::json::parse(read(file)).at("attempts").to_number<int>() == 3);
}

BOOST_AUTO_TEST_CASE(files_from_before_are_brought_in_line_with_the_database) {
  const fs::path folder = path / "status" / "sessions";
  fs::create_directories(folder);
  const fs::path gone = folder / (id_of(1).text() + ".json");
  const fs::path stale = folder / (id_of(2).text() + ".json");
  const fs::path half = folder / (id_of(3).text() + ".json.new");
  for (const fs::path& file : {gone, stale, half})
    std::ofstream(file) << "{}";
  archive.records[id_of(2)].id = id_of(2);
  start();
  BOOST_TEST(eventually([&] { return !fs::exists(gone) && !fs::exists(half) && read(stale).size() > 2; }));
}

BOOST_AUTO_TEST_CASE(removing_a_sessions_file_is_answered_when_it_is_gone) {
  start();
  const fs::path file = path / "status" / "sessions" / (id_of(1).text() + ".json");
  std::ofstream(file) << "{}";
  bool removed = false;
  monitor->remove_file(id_of(1), [&](const Result<void>& result) { removed = result.has_value(); });
  BOOST_TEST(eventually([&] { return removed; }));
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_a_problem_whatever_becomes_of_others) {
  start();
  archive.records[id_of(1)].id = id_of(1);
  archive.records[id_of(2)].id = id_of(2);
  const fs::path folder = path / "status" / "sessions";
  const fs::path in_the_way = folder / (id_of(1).text() + ".json.new");
  fs::create_directories(in_the_way);
  monitor->changed(id_of(1));
  BOOST_REQUIRE(eventually([&] { return !status().at("problems").as_array().empty(); }));
  monitor->changed(id_of(2));
  BOOST_REQUIRE(eventually([&] { return fs::exists(folder / (id_of(2).text() + ".json")); }));
  eventually([] { return false; });
  BOOST_TEST(!status().at("problems").as_array().empty());
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);

  fs::remove(in_the_way);
  BOOST_TEST(eventually([&] { return status().at("problems").as_array().empty(); }));
  BOOST_TEST(fs::exists(folder / (id_of(1).text() + ".json")));
}

BOOST_AUTO_TEST_CASE(so_is_the_status_itself) {
  fs::create_directories(path / "status" / "status.json.new");
  start();
  archive.records[id_of(1)].id = id_of(1);
  BOOST_REQUIRE(eventually([&] { return !status().at("problems").as_array().empty(); }));
  monitor->changed(id_of(1));
  const fs::path file = path / "status" / "sessions" / (id_of(1).text() + ".json");
  BOOST_REQUIRE(eventually([&] { return fs::exists(file); }));
  BOOST_TEST(!status().at("problems").as_array().empty());
  fs::remove(path / "status" / "status.json.new");
  BOOST_TEST(eventually([&] { return status().at("problems").as_array().empty(); }));
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);
}

BOOST_AUTO_TEST_CASE(an_unwritable_folder_is_said_once_and_its_end_too) {
  std::ofstream(path / "status") << "in the way";
  start();
  BOOST_TEST(status().at("problems").as_array().at(0).at("code").as_string() == "STATUS_FILES_UNWRITABLE");
  monitor->changed(id_of(1));
  eventually([] { return false; });
  BOOST_TEST(std::ranges::count(log.events(), "status_files_unwritable") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
