// What status.json shows about webhooks.
#include <boost/test/unit_test.hpp>

#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {
namespace {

struct WebhookStatus : Monitored {
  boost::json::object webhooks() { return status().at("webhooks").as_object(); }

  void received(const std::string& result, int http_status = 200) {
    WebhookSeen seen;
    seen.result = result;
    seen.status = http_status;
    seen.at = clock.now().wall;
    counters->webhook(seen);
  }
  bool has_problem(const std::string& code) {
    const auto now = status();
    return std::ranges::any_of(now.at("problems").as_array(), [&](const boost::json::value& problem) {
      return problem.at("code").as_string() == code;
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_status, WebhookStatus)

BOOST_AUTO_TEST_CASE(the_state_is_the_followers_webhook_health) {
  start();
  for (const auto& [health, text] : {std::pair(WebhookHealth::off, "off"),
                                     {WebhookHealth::unproven, "unproven"},
                                     {WebhookHealth::healthy, "healthy"},
                                     {WebhookHealth::degraded, "degraded"}}) {
    follower.shown.webhooks = health;
    BOOST_TEST(webhooks().at("state").as_string() == text);
  }
}

BOOST_AUTO_TEST_CASE(missed_webhooks_are_counted) {
  follower.shown.webhooks_missed = 3;
  start();
  BOOST_TEST(webhooks().at("missed").to_number<int>() == 3);
}

BOOST_AUTO_TEST_CASE(before_the_first_webhook_nothing_was_received) {
  start();
  BOOST_TEST(webhooks().at("last_received_at").is_null());
  BOOST_TEST(webhooks().at("received").as_object().empty());
}

BOOST_AUTO_TEST_CASE(last_received_at_of_an_earlier_run_is_read_from_the_store) {
  reader.store.last_webhook_at = clock.now().wall - 1h;
  start();
  BOOST_TEST(eventually([&] { return webhooks().at("last_received_at").is_string(); }));
  BOOST_TEST(webhooks().at("last_received_at").as_string() == "2025-12-31T23:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(last_received_at_of_this_run_is_shown_at_once) {
  start();
  received("accepted");
  clock.pass(5s);
  received("duplicate");
  BOOST_TEST(webhooks().at("last_received_at").as_string() == "2026-01-01T00:00:05.000Z");
}

BOOST_AUTO_TEST_CASE(a_refused_webhook_does_not_set_last_received_at) {
  start();
  received("UNAUTHORIZED", 401);
  BOOST_TEST(webhooks().at("last_received_at").is_null());
}

BOOST_AUTO_TEST_CASE(webhooks_are_counted_by_result) {
  start();
  received("accepted");
  received("accepted");
  received("duplicate");
  received("UNAUTHORIZED", 401);
  const auto shown = webhooks().at("received").as_object();
  BOOST_TEST(shown.size() == 3U);
  BOOST_TEST(shown.at("accepted").to_number<int>() == 2);
  BOOST_TEST(shown.at("duplicate").to_number<int>() == 1);
  BOOST_TEST(shown.at("UNAUTHORIZED").to_number<int>() == 1);
}

BOOST_AUTO_TEST_CASE(registered_is_null_without_a_registration) {
  start();
  BOOST_TEST(webhooks().at("registered").is_null());
}

BOOST_AUTO_TEST_CASE(the_last_registration_is_shown_with_its_result) {
  Registration registration;
  registration.webhook_url = "https://lender.example/webhooks/bankconnect";
  registration.webhook_mode = "[\"A\"]";
  registration.at = clock.now().wall;
  registration.http_status = 403;
  registration.code = "ACCESS_DENIED";
  reader.store.registration = registration;
  start();
  BOOST_REQUIRE(eventually([&] { return webhooks().at("registered").is_object(); }));
  const auto shown = webhooks().at("registered").as_object();
  BOOST_TEST(shown.at("webhook_url").as_string() == registration.webhook_url);
  BOOST_TEST(shown.at("result").as_string() == "ACCESS_DENIED");
  BOOST_TEST(shown.at("at").as_string() == "2026-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(degraded_webhooks_are_a_problem_until_they_are_healthy_again) {
  follower.shown.webhooks = WebhookHealth::degraded;
  follower.shown.webhooks_missed = 2;
  start();
  BOOST_TEST(has_problem("WEBHOOKS_MISSING"));
  BOOST_TEST(status().at("health").as_string() == "degraded");
  follower.shown.webhooks = WebhookHealth::healthy;
  BOOST_TEST(!has_problem("WEBHOOKS_MISSING"));
  BOOST_TEST(status().at("health").as_string() == "ok");
}

BOOST_AUTO_TEST_CASE(webhooks_that_are_off_or_unproven_are_no_problem) {
  start();
  for (const WebhookHealth health : {WebhookHealth::off, WebhookHealth::unproven}) {
    follower.shown.webhooks = health;
    BOOST_TEST(status().at("health").as_string() == "ok");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
