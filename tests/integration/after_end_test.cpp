// What happens to sessions that are final, and to a database that was put back from a copy.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kQuick = "no_uploads = \"0s\"\nin_progress = \"100ms\"\nprocessing = \"300ms\"\n";

std::string scenarios(const std::string& more = "") {
  return std::string("[scenario.quick]\n") + kQuick + more;
}

std::string insights_fetched_at(const World& world, const std::string& id) {
  return boost::json::value_to<std::string>(world.session(id).at("payloads").at("insights").at("fetched_at"));
}

std::vector<std::string> triggers(const World& world, const std::string& id) {
  std::vector<std::string> out;
  const auto session = world.session(id);
  for (const auto& event : session.at("history").as_array())
    out.push_back(boost::json::value_to<std::string>(event.at("trigger")));
  return out;
}

std::vector<std::string> problems(const World& world) {
  std::vector<std::string> out;
  const auto status = world.status();
  for (const auto& problem : status.at("problems").as_array())
    out.push_back(boost::json::value_to<std::string>(problem.at("code")));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(after_end)

BOOST_AUTO_TEST_CASE(a_refresh_replaces_what_is_stored_and_is_an_event) {
  World world(scenarios() + session_entry(session_id(1), "quick"));
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  const std::string before = insights_fetched_at(world, session_id(1));
  BOOST_TEST(world.request("POST", "/v1/sessions/" + session_id(1) + "/refresh").status == 202);
  BOOST_TEST(eventually([&] { return triggers(world, session_id(1)).back() == "refreshed"; }));
  BOOST_TEST(insights_fetched_at(world, session_id(1)) != before);
  BOOST_TEST(!world.session(session_id(1)).at("refreshing").as_bool());
}

BOOST_AUTO_TEST_CASE(a_refused_refresh_leaves_the_data_and_names_the_code) {
  World world(scenarios("[[scenario.quick.fault]]\ncall = \"session_status\"\nnth = [2]\nkind = \"status\"\n"
                        "status = 410\ncode = \"SESSION_DELETED\"\n") +
              session_entry(session_id(1), "quick"));
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  const std::string before = insights_fetched_at(world, session_id(1));
  world.request("POST", "/v1/sessions/" + session_id(1) + "/refresh");
  BOOST_TEST(eventually([&] { return triggers(world, session_id(1)).back() == "refresh_refused"; }));
  const auto session = world.session(session_id(1));
  BOOST_TEST(session.at("history").as_array().back().at("reason_code").as_string() == "SESSION_DELETED");
  BOOST_TEST(insights_fetched_at(world, session_id(1)) == before);
}

BOOST_AUTO_TEST_CASE(accounts_and_statements_carry_the_documented_fields_of_all_answers) {
  World world(scenarios() + session_entry(session_id(1), "quick"));
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  const auto session = world.session(session_id(1));
  BOOST_TEST(session.at("session_date_range").at("from_date").is_string());
  const auto& account = session.at("accounts").at(0).as_object();
  BOOST_TEST(account.at("status").as_string() == "completed");
  BOOST_TEST(!account.at("months").as_array().empty());
  BOOST_TEST(account.at("full_bank_name").is_string());
  const auto& statement = account.at("statements").at(0).as_object();
  for (const char* const field :
       {"upload_file_name", "identity_status", "transaction_status", "processing_status", "fraud_status"})
    BOOST_TEST(statement.contains(field), field);
  BOOST_TEST(statement.at("statement_date_range").at("to_date").is_string());
  BOOST_TEST(session.at("why").at("evidence").at(0).at("call").as_string() == "insights");
}

BOOST_AUTO_TEST_CASE(older_accounts_are_asked_under_the_older_name_of_the_call) {
  World world(scenarios() + session_entry(session_id(1), "quick"));
  world.configure("upstream", "upload_status_path = \"upload_status\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
}

BOOST_AUTO_TEST_CASE(a_session_given_up_by_our_clock_is_enriched_when_its_webhook_comes_late) {
  WebhookWorld world("[scenario.slow]\nno_uploads = \"0s\"\nin_progress = \"100ms\"\nprocessing = \"4s\"\n");
  world.configure("polling",
                  "stalled_after = \"1s\"\nprocessing_timeout = \"1s\"\nsafety_interval = \"200ms\"");
  world.start();
  world.create_and_submit(session_id(1), "slow");
  BOOST_TEST_REQUIRE(eventually([&] { return world.state(session_id(1)) == "FAILED"; }));
  BOOST_TEST(world.reaches(session_id(1), "ENRICHED"));
  const std::vector<std::string> history = world.history(session_id(1));
  BOOST_TEST(std::ranges::count(history, "PROCESSING hint") == 1);
}

BOOST_AUTO_TEST_CASE(a_restored_copy_initiates_nothing_until_an_operator_resumes) {
  World world(scenarios() + session_entry(session_id(1), "quick") + session_entry(session_id(2), "quick"));
  world.start_daemon();
  world.submit(session_id(1), ",\"hold\":true");
  BOOST_TEST_REQUIRE(world.reaches(session_id(1), "COMPLETED"));
  const std::string copy = world.folder / "copy";
  BOOST_TEST_REQUIRE(
      world.request("POST", "/v1/backup", "application/json", "{\"path\":\"" + copy + "\"}").status == 200);
  BOOST_TEST(world.request("POST", "/v1/sessions/" + session_id(1) + "/release").status == 202);
  world.request("DELETE", "/v1/sessions/" + session_id(1));
  world.submit(session_id(2));
  BOOST_TEST_REQUIRE(world.ending(session_id(2)) == "ENRICHED complete");

  const auto restore = [&] {
    return run(BANKCONNECTD, {"--config", world.folder / "config.toml", "--restore", copy});
  };
  BOOST_TEST(restore().code == 75);
  world.stop_daemon();
  const RunResult restored = restore();
  BOOST_TEST(restored.code == 0, restored.output);
  BOOST_TEST(restored.output.find("(sessions: 1, not final: 1,") != std::string::npos, restored.output);
  world.start_daemon();
  BOOST_TEST(problems(world) == std::vector<std::string>{"RESTORED"}, boost::test_tools::per_element());
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(2)).status == 404);
  BOOST_TEST(world.request("POST", "/v1/sessions/" + session_id(1) + "/release").status == 202);
  BOOST_TEST(eventually(
      [&] { return world.session(session_id(1)).at("why").at("rule").as_string() == "awaiting_resume"; }));
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 0);
  BOOST_TEST(world.request("POST", "/v1/resume").status == 200);
  BOOST_TEST(problems(world).empty());
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
}

BOOST_AUTO_TEST_CASE(a_database_put_back_by_hand_is_noticed_by_its_event_log) {
  World world(scenarios() + session_entry(session_id(1), "quick"));
  world.start_daemon();
  world.submit(session_id(1), ",\"hold\":true");
  BOOST_TEST_REQUIRE(world.reaches(session_id(1), "COMPLETED"));
  world.stop_daemon();
  std::filesystem::copy_file(world.folder / "db", world.folder / "old");
  world.start_daemon();
  world.request("POST", "/v1/sessions/" + session_id(1) + "/release");
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  world.stop_daemon();
  std::filesystem::remove(world.folder / "db-wal");
  std::filesystem::copy_file(world.folder / "old", world.folder / "db",
                             std::filesystem::copy_options::overwrite_existing);
  world.start_daemon();
  BOOST_TEST(problems(world) == std::vector<std::string>{"RESTORED"}, boost::test_tools::per_element());
  BOOST_TEST(world.request("POST", "/v1/resume").status == 200);
  world.request("POST", "/v1/sessions/" + session_id(1) + "/release");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.session(session_id(1)).at("processing").at("requested_elsewhere").is_null());
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
