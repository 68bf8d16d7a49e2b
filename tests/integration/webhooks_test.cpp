// Webhooks without faults: what they speed up and which calls they save.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

std::string scenario(const std::string& name, const std::string& keys) {
  return "[scenario." + name + "]\n" + keys + "\n";
}

const std::string kQuick =
    scenario("quick", "no_uploads = \"300ms\"\nin_progress = \"300ms\"\nprocessing = \"300ms\"");

}  // namespace

BOOST_AUTO_TEST_SUITE(webhooks)

BOOST_AUTO_TEST_CASE(hints_alone_move_a_session_to_enriched_with_the_fewest_calls) {
  WebhookWorld world(scenario("by_hand", "then = \"no_uploads\"\nprocessing = \"300ms\""));
  world.poll_hourly();
  world.start();
  BOOST_TEST(world.webhook_health() == "unproven");
  world.create_and_submit(session_id(1), "by_hand");
  world.set_upload_status(session_id(1), "completed");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST_REQUIRE(world.last_call_is_logged(session_id(1)));
  const std::vector<std::string> calls = {"upload_status", "upload_status",  "initiate",
                                          "progress",      "session_status", "insights"};
  BOOST_TEST(world.calls(session_id(1)) == calls, boost::test_tools::per_element());
  const std::vector<std::string> history = {"NO_UPLOADS submitted", "COMPLETED hint", "PROCESSING hint",
                                            "ENRICHED hint"};
  BOOST_TEST(world.history(session_id(1)) == history, boost::test_tools::per_element());
  BOOST_TEST(world.webhook_health() == "healthy");
  BOOST_TEST(world.webhooks_missed() == 0);
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
}

BOOST_AUTO_TEST_CASE(while_webhooks_are_healthy_progress_is_polled_at_the_safety_interval) {
  WebhookWorld world(scenario("slow", "no_uploads = \"0s\"\nin_progress = \"300ms\"\nprocessing = \"2s\""));
  world.configure(
      "polling", "progress_interval = \"100ms\"\nsafety_interval = \"400ms\"\nupload_interval_min = \"10s\"");
  world.start();
  world.create_and_submit(session_id(1), "slow");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST_REQUIRE(world.last_call_is_logged(session_id(1)));
  const auto calls = world.calls(session_id(1));
  const auto asked = std::ranges::count(calls, "progress");
  // Every 400 ms for 2 s, and once for the hint; every 100 ms it would be 20.
  BOOST_TEST(asked >= 4);
  BOOST_TEST(asked <= 7);
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_CASE(before_the_first_webhook_health_is_unproven_and_progress_is_polled_at_its_interval) {
  WebhookWorld world(scenario("slow", "no_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"1s\""));
  world.configure("polling", "progress_interval = \"100ms\"\nsafety_interval = \"1h\"");
  world.start_daemon();  // its address is not registered at the stand-in
  world.create_and_submit(session_id(1), "slow");
  BOOST_TEST(world.enters(session_id(1), "PROCESSING"));
  BOOST_TEST(world.webhook_health() == "unproven");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST_REQUIRE(world.last_call_is_logged(session_id(1)));
  const auto calls = world.calls(session_id(1));
  BOOST_TEST(std::ranges::count(calls, "progress") >= 5);
}

BOOST_AUTO_TEST_CASE(without_a_listener_webhook_health_is_off) {
  World world(kQuick);
  world.start_daemon();
  BOOST_TEST(world.status().at("webhooks").at("state").as_string() == "off");
}

BOOST_AUTO_TEST_CASE(a_reopened_session_is_initiated_once_after_its_second_completion,
                     *boost::unit_test::label("slow")) {
  WebhookWorld world(scenario("again",
                              "no_uploads = \"0s\"\nin_progress = \"300ms\"\nprocessing = \"300ms\"\n"
                              "reopened = { after = \"300ms\", for = \"300ms\" }"));
  world.configure("processing", "settle = \"1s\"");
  world.configure("polling", "upload_interval_min = \"200ms\"");
  world.start();
  world.create_and_submit(session_id(1), "again");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  BOOST_TEST(world.initiates(session_id(1), "accepted_early") == 0);
  BOOST_TEST(world.session(session_id(1)).at("accounts").as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_expiry_webhook_makes_the_session_expired_without_waiting_for_a_poll) {
  WebhookWorld world(scenario("short", "then = \"no_uploads\"\nexpires_in = \"5m\""));
  world.poll_hourly();
  world.start();
  world.create_and_submit(session_id(1), "short");
  world.set_upload_status(session_id(1), "expired");
  BOOST_TEST(world.ending(session_id(1)).starts_with("EXPIRED"));
  BOOST_TEST(world.history(session_id(1)).back() == "EXPIRED hint");
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_webhook_for_a_final_session_is_recorded_and_causes_no_call) {
  WebhookWorld world(kQuick);
  world.start();
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST_REQUIRE(world.last_call_is_logged(session_id(1)));
  const std::size_t calls = world.calls(session_id(1)).size();
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), "SESSION_EXPIRY_NOTIFICATION")) == 200);
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "recorded");
  BOOST_TEST(world.stop_daemon() == 0);
  // The stand-in logs asynchronously and in order: once this call is logged, so are all before it.
  world.create(session_id(2), "quick");
  BOOST_TEST_REQUIRE(eventually(
      [&] { return std::ranges::count(world.requests(), session_id(2), &Logged::session_id) > 0; }));
  BOOST_TEST(world.calls(session_id(1)).size() == calls);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
