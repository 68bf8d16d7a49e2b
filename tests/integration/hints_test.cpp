// Hints survive outages, kills and webhooks that precede the submission.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kCompletion = "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";

/// A scenario file: sessions 1 to `count` follow `plan`, and their processing never ends.
std::string identical_sessions(int count, const std::string& plan) {
  std::string out;
  for (int i = 1; i <= count; ++i)
    out += session_entry(session_id(i), "identical_sessions");
  return out + "[scenario.identical_sessions]\nprogress_end = \"never\"\n" + plan + "\n";
}

const std::string kUploading = "no_uploads = \"0s\"\nin_progress = \"1h\"";
const std::string kUploaded = "no_uploads = \"0s\"\nin_progress = \"0s\"";

constexpr int kSessions = 60;
constexpr int kHinted = 10;
constexpr int kFirstHinted = kSessions - kHinted + 1;

/// Sessions that are submitted while upstream is down.
struct OutageWorld : WebhookWorld {
  OutageWorld() : WebhookWorld(identical_sessions(kSessions, kUploaded)) {
    configure("polling",
              "upload_interval_min = \"5s\"\nupload_interval_max = \"5s\"\nprogress_interval = \"1h\"");
    configure("upstream", "max_connections = 4");
    start_daemon();
    stop_sandbox();
    for (int i = 1; i <= kSessions; ++i)
      BOOST_TEST_REQUIRE(submit(session_id(i)) == 201);
    BOOST_TEST_REQUIRE(eventually([&] { return status().at("health").as_string() == "degraded"; }));
  }
  /// Hints the sessions submitted last, which without hints are asked about last.
  void hint_last_sessions() const {
    for (int i = kFirstHinted; i <= kSessions; ++i)
      BOOST_TEST(post_webhook(webhook_body(session_id(i), kCompletion)) == 200);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hints)

BOOST_AUTO_TEST_CASE(webhooks_received_during_an_outage_are_answered_200_and_acted_on_after_it) {
  OutageWorld world;
  world.hint_last_sessions();
  world.start_sandbox();
  for (int i = kFirstHinted; i <= kSessions; ++i)
    BOOST_TEST(world.reaches(session_id(i), "PROCESSING"));
}

BOOST_AUTO_TEST_CASE(a_hinted_call_that_failed_is_retried_before_the_next_poll) {
  WebhookWorld world(identical_sessions(1, kUploading));
  world.poll_hourly();
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.reaches(session_id(1), "IN_PROGRESS"));
  world.stop_sandbox();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST_REQUIRE(
      eventually([&] { return world.session(session_id(1)).at("attempts").to_number<int>() > 0; }));
  write_file(world.folder / "scenarios.toml", identical_sessions(1, kUploaded));
  world.start_sandbox();
  BOOST_TEST(world.reaches(session_id(1), "PROCESSING", 15s),
             boost::json::serialize(world.session(session_id(1)).at("next_poll_at")));
}

BOOST_AUTO_TEST_CASE(a_hint_answered_200_survives_a_kill_and_is_asked_about_at_once) {
  WebhookWorld world(identical_sessions(5, kUploading));
  world.poll_hourly();
  world.start_daemon();
  for (int i = 1; i <= 5; ++i)
    world.submit(session_id(i));
  for (int i = 1; i <= 5; ++i)
    BOOST_TEST_REQUIRE(world.reaches(session_id(i), "IN_PROGRESS"));
  // Upstream is down, so that the hints can only be acted on after the kill.
  world.stop_sandbox();
  for (int i = 1; i <= 4; ++i)
    BOOST_TEST(world.post_webhook(webhook_body(session_id(i), kCompletion)) == 200);
  world.kill_daemon();
  write_file(world.folder / "scenarios.toml", identical_sessions(5, kUploaded));
  world.start_sandbox();
  world.start_daemon();
  for (int i = 1; i <= 4; ++i) {
    BOOST_TEST(world.reaches(session_id(i), "PROCESSING", 5s));
    BOOST_TEST(world.history(session_id(i)).at(2) == "COMPLETED hint");
    BOOST_TEST(world.webhooks(session_id(i)).size() == 1U);
  }
  // Control: the session without a hint is not asked about.
  BOOST_TEST(world.state(session_id(5)) == "IN_PROGRESS");
}

BOOST_AUTO_TEST_CASE(webhooks_for_an_unknown_session_are_kept_without_a_call) {
  WebhookWorld world(identical_sessions(1, kUploaded));
  world.start_daemon();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST(world.post_webhook(webhook_body(session_id(2), kCompletion)) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
  // A session submitted later has been asked about; these two have not.
  BOOST_TEST(world.submit(session_id(3)) == 201);
  BOOST_TEST(eventually([&] { return !world.calls(session_id(3)).empty(); }));
  BOOST_TEST(world.calls(session_id(1)).empty());
  BOOST_TEST(world.calls(session_id(2)).empty());
}

BOOST_AUTO_TEST_CASE(kept_webhooks_survive_a_kill_and_take_effect_on_submission) {
  WebhookWorld world(identical_sessions(1, kUploaded));
  world.poll_hourly();
  world.start_daemon();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion)) == 200);
  world.kill_daemon();
  world.start_daemon();
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.submit(session_id(1)) == 201);
  BOOST_TEST(world.reaches(session_id(1), "PROCESSING"));
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "accepted");
}

BOOST_AUTO_TEST_CASE(a_webhook_for_an_unknown_session_starts_following_it_when_configured) {
  WebhookWorld world("[scenario.quick]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"300ms\"\n");
  world.configure("webhook", "unknown_sessions = \"follow\"");
  world.start();
  world.create(session_id(1), "quick");  // not submitted
  BOOST_TEST(eventually([&] { return world.request("GET", "/v1/sessions/" + session_id(1)).status == 200; }));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  for (const auto& one : world.webhooks(session_id(1)))
    BOOST_TEST(one.at("result").as_string() == "accepted");
}

BOOST_AUTO_TEST_CASE(a_webhook_with_a_wrong_or_missing_secret_starts_no_following) {
  WebhookWorld world(identical_sessions(1, kUploaded));
  world.configure("webhook", "unknown_sessions = \"follow\"");
  world.start_daemon();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion), "guess") == 401);
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion), std::nullopt) == 401);
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
}

BOOST_AUTO_TEST_CASE(webhooks_for_unknown_sessions_are_not_stored_when_configured_to_ignore) {
  WebhookWorld world(identical_sessions(1, kUploaded));
  world.configure("webhook", "unknown_sessions = \"ignore\"");
  world.start_daemon();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kCompletion)) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  BOOST_TEST(world.received("ignored") == 1);
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(1)).status == 404);
}

BOOST_AUTO_TEST_CASE(a_configuration_that_follows_unknown_sessions_without_a_secret_is_refused) {
  World world("");
  world.configure("webhook", "listen = \"127.0.0.1:0\"\nunknown_sessions = \"follow\"");
  BOOST_TEST(world.start_and_expect_exit(78).find("unknown_sessions") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(erasing_a_session_erases_its_webhooks) {
  WebhookWorld world(identical_sessions(1, kUploading));
  world.start_daemon();
  world.submit(session_id(1));
  const std::string body = webhook_body(session_id(1), kCompletion, ",\"note\":\"SECRET-NOTE-42\"");
  BOOST_TEST(world.post_webhook(body) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).size() == 1U);
  BOOST_TEST(world.request("DELETE", "/v1/sessions/" + session_id(1)).status == 204);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  for (const char* part : {"db", "db-wal", "db-shm"})
    BOOST_TEST(read_file(world.folder / part).find("SECRET-NOTE-42") == std::string::npos, part);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
