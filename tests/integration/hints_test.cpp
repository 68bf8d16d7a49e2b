// Hints outlive outages, kills and being early.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kCompletion = "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";

/// A stand-in whose sessions 1 to `count` exist from its start and are in this status until it ends.
std::string everybody(int count, const std::string& plan) {
  std::string out;
  for (int i = 1; i <= count; ++i)
    out += session_entry(session_id(i), "everybody");
  return out + "[scenario.everybody]\nprogress_end = \"never\"\n" + plan + "\n";
}

const std::string kUploading = "no_uploads = \"0s\"\nin_progress = \"1h\"";
const std::string kUploaded = "no_uploads = \"0s\"\nin_progress = \"0s\"";

constexpr int kSessions = 60;
constexpr int kHinted = 10;
constexpr int kFirstHinted = kSessions - kHinted + 1;

/// Sessions that are handed in while upstream is down.
struct OutageWorld : WebhookWorld {
  OutageWorld() : WebhookWorld(everybody(kSessions, kUploaded)) {
    configure("polling",
              "upload_interval_min = \"5s\"\nupload_interval_max = \"5s\"\nprogress_interval = \"1h\"");
    configure("upstream", "max_connections = 4");
    start_daemon();
    stop_sandbox();
    for (int i = 1; i <= kSessions; ++i)
      BOOST_TEST_REQUIRE(submit(session_id(i)) == 201);
    BOOST_TEST_REQUIRE(eventually([&] { return status().at("health").as_string() == "degraded"; }));
  }
  /// Of those handed in last: nothing but their hints can put them first.
  void hint_while_down() const {
    for (int i = kFirstHinted; i <= kSessions; ++i)
      BOOST_TEST(hook(webhook_body(session_id(i), kCompletion)) == 200);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hints)

BOOST_AUTO_TEST_CASE(webhooks_are_taken_while_upstream_is_down_and_acted_on_once_it_is_back) {
  OutageWorld world;
  world.hint_while_down();
  world.start_sandbox();
  for (int i = kFirstHinted; i <= kSessions; ++i)
    BOOST_TEST(world.reaches(session_id(i), "PROCESSING"));
}

BOOST_AUTO_TEST_CASE(a_hint_whose_question_failed_is_asked_again_soon_and_not_at_the_next_poll) {
  WebhookWorld world(everybody(1, kUploading));
  world.poll_hardly_ever();
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.reaches(session_id(1), "IN_PROGRESS"));
  world.stop_sandbox();
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST_REQUIRE(
      eventually([&] { return world.session(session_id(1)).at("attempts").to_number<int>() > 0; }));
  write_file(world.folder / "scenarios.toml", everybody(1, kUploaded));
  world.start_sandbox();
  BOOST_TEST(world.reaches(session_id(1), "PROCESSING", 15s),
             boost::json::serialize(world.session(session_id(1)).at("next_poll_at")));
}

BOOST_AUTO_TEST_CASE(webhooks_that_came_during_an_outage_are_acted_on_once_it_is_over) {
  OutageWorld world;
  world.hint_while_down();
  world.start_sandbox();
  for (int i = kFirstHinted; i <= kSessions; ++i)
    BOOST_TEST(world.reaches(session_id(i), "PROCESSING"));
}

BOOST_AUTO_TEST_CASE(a_hint_that_was_answered_200_outlives_a_kill_and_asks_at_once) {
  WebhookWorld world(everybody(5, kUploading));
  world.poll_hardly_ever();
  world.start_daemon();
  for (int i = 1; i <= 5; ++i)
    world.submit(session_id(i));
  for (int i = 1; i <= 5; ++i)
    BOOST_TEST_REQUIRE(world.reaches(session_id(i), "IN_PROGRESS"));
  // Upstream is away, so that the hints can only be acted on after the kill.
  world.stop_sandbox();
  for (int i = 1; i <= 4; ++i)
    BOOST_TEST(world.hook(webhook_body(session_id(i), kCompletion)) == 200);
  world.kill_daemon();
  write_file(world.folder / "scenarios.toml", everybody(5, kUploaded));
  world.start_sandbox();
  world.start_daemon();
  for (int i = 1; i <= 4; ++i) {
    BOOST_TEST(world.reaches(session_id(i), "PROCESSING", 5s));
    BOOST_TEST(world.history(session_id(i)).at(2) == "COMPLETED hint");
    BOOST_TEST(world.webhooks(session_id(i)).size() == 1U);
  }
  // Nothing but a hint explains it: the one without is not asked.
  BOOST_TEST(world.state(session_id(5)) == "IN_PROGRESS");
}

BOOST_AUTO_TEST_CASE(what_comes_for_nobodys_session_is_kept_without_a_call) {
  WebhookWorld world(everybody(1, kUploaded));
  world.start_daemon();
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST(world.hook(webhook_body(session_id(2), kCompletion)) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
  // A whole life of another session later there still was no call.
  BOOST_TEST(world.submit(session_id(3)) == 201);
  BOOST_TEST(eventually([&] { return !world.calls(session_id(3)).empty(); }));
  BOOST_TEST(world.calls(session_id(1)).empty());
  BOOST_TEST(world.calls(session_id(2)).empty());
}

BOOST_AUTO_TEST_CASE(kept_webhooks_outlive_a_kill_and_take_effect_with_the_submission) {
  WebhookWorld world(everybody(1, kUploaded));
  world.poll_hardly_ever();
  world.start_daemon();
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion)) == 200);
  world.kill_daemon();
  world.start_daemon();
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.submit(session_id(1)) == 201);
  BOOST_TEST(world.reaches(session_id(1), "PROCESSING"));
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "accepted");
}

BOOST_AUTO_TEST_CASE(unknown_sessions_are_followed_where_the_configuration_says_so) {
  WebhookWorld world("[scenario.quick]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"300ms\"\n");
  world.configure("webhook", "unknown_sessions = \"follow\"");
  world.start();
  world.create(session_id(1), "quick");  // nobody hands it in
  BOOST_TEST(eventually([&] { return world.request("GET", "/v1/sessions/" + session_id(1)).status == 200; }));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  for (const auto& one : world.webhooks(session_id(1)))
    BOOST_TEST(one.at("result").as_string() == "accepted");
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_makes_nobody_follow_anything) {
  WebhookWorld world(everybody(1, kUploaded));
  world.configure("webhook", "unknown_sessions = \"follow\"");
  world.start_daemon();
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion), "guess") == 401);
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion), std::nullopt) == 401);
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
}

BOOST_AUTO_TEST_CASE(unknown_sessions_leave_nothing_where_the_configuration_says_ignore) {
  WebhookWorld world(everybody(1, kUploaded));
  world.configure("webhook", "unknown_sessions = \"ignore\"");
  world.start_daemon();
  BOOST_TEST(world.hook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  BOOST_TEST(world.received("ignored") == 1);
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
}

BOOST_AUTO_TEST_CASE(following_unknown_sessions_without_a_secret_is_refused_at_the_start) {
  World world("");
  world.configure("webhook", "listen = \"127.0.0.1:0\"\nunknown_sessions = \"follow\"");
  BOOST_TEST(world.daemon_ends_with(78).find("unknown_sessions") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(erasing_a_session_erases_its_webhooks) {
  WebhookWorld world(everybody(1, kUploading));
  world.start_daemon();
  world.submit(session_id(1));
  const std::string body = webhook_body(session_id(1), kCompletion, ",\"note\":\"SECRET-NOTE-42\"");
  BOOST_TEST(world.hook(body) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).size() == 1U);
  BOOST_TEST(world.request("DELETE", "/v1/sessions/" + session_id(1)).status == 204);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  for (const char* part : {"db", "db-wal", "db-shm"})
    BOOST_TEST(read_file(world.folder / part).find("SECRET-NOTE-42") == std::string::npos, part);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
