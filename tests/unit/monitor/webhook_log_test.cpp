// What is logged about webhooks: enough to trace each, within limits that a flood cannot exceed.
#include <boost/test/unit_test.hpp>

#include "src/monitor/webhook_stats.hpp"
#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {
namespace {

struct LoggedWebhooks {
  void accepted(int count = 1, const std::string& result = "accepted") {
    WebhookSeen seen;
    seen.result = result;
    seen.event_name = "ENRICHMENT_NOTIFICATION";
    seen.id = id_of(7);
    seen.bytes = 812;
    seen.sha256.fill(0xab);
    for (int i = 0; i < count; ++i)
      stats.count(seen);
  }
  void refused(int count = 1, std::uint64_t bytes = 0) {
    WebhookSeen seen;
    seen.result = "BAD_REQUEST";
    seen.status = 400;
    seen.bytes = bytes;
    seen.sha256.fill(0xab);
    for (int i = 0; i < count; ++i)
      stats.count(seen);
  }
  std::ptrdiff_t lines(const std::string& event) const { return std::ranges::count(log.events(), event); }

  RecordingLog log;
  FakeClock clock;
  monitor::WebhookStats stats{log, clock};
};

using Fields = std::map<std::string, std::string>;

std::string digest() {
  std::string text;
  for (int i = 0; i < 32; ++i)
    text += "ab";
  return text;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_log, LoggedWebhooks)

BOOST_AUTO_TEST_CASE(an_accepted_webhook_is_logged_with_its_session_and_result) {
  accepted();
  BOOST_REQUIRE(log.lines.size() == 1U);
  BOOST_TEST(log.lines[0].event == "webhook");
  BOOST_TEST((log.lines[0].level == LogLevel::info));
  const Fields expected = {{"session_id", id_of(7).text()},
                           {"event_name", "ENRICHMENT_NOTIFICATION"},
                           {"result", "accepted"},
                           {"http_status", "200"},
                           {"bytes", "812"},
                           {"sha256", digest()}};
  BOOST_TEST((log.lines[0].fields == expected));
}

BOOST_AUTO_TEST_CASE(of_a_refused_body_only_its_size_and_hash_are_logged) {
  refused(1, 99);
  BOOST_REQUIRE(log.lines.size() == 1U);
  BOOST_TEST(log.lines[0].event == "webhook_refused");
  BOOST_TEST((log.lines[0].level == LogLevel::warning));
  const Fields expected = {
      {"result", "BAD_REQUEST"}, {"http_status", "400"}, {"bytes", "99"}, {"sha256", digest()}};
  BOOST_TEST((log.lines[0].fields == expected));
}

BOOST_AUTO_TEST_CASE(a_webhook_refused_before_its_body_was_read_is_logged_without_a_hash) {
  refused();
  BOOST_TEST(!log.lines.at(0).fields.contains("sha256"));
}

BOOST_AUTO_TEST_CASE(lines_are_limited_per_second_and_one_line_gives_the_number_of_the_others) {
  accepted(1000);
  const auto logged = lines("webhook");
  BOOST_TEST(logged >= 1);
  BOOST_TEST(logged <= 100);
  BOOST_TEST(lines("webhooks_not_logged") == 0);
  clock.pass(1s);
  stats.tick();
  BOOST_TEST(lines("webhooks_not_logged") == 1);
  BOOST_TEST(log.lines.back().fields.at("count") == std::to_string(1000 - logged));
}

BOOST_AUTO_TEST_CASE(the_number_of_lines_left_out_is_logged_once) {
  accepted(1000);
  for (int i = 0; i < 5; ++i) {
    clock.pass(1s);
    stats.tick();
  }
  BOOST_TEST(lines("webhooks_not_logged") == 1);
}

BOOST_AUTO_TEST_CASE(the_limit_of_lines_starts_anew_each_second) {
  accepted(1000);
  const auto before = lines("webhook");
  clock.pass(1s);
  accepted();
  BOOST_TEST(lines("webhook") == before + 1);
}

BOOST_AUTO_TEST_CASE(a_few_webhooks_a_second_are_all_logged) {
  for (int second = 0; second < 20; ++second) {
    accepted(3);
    refused(1);
    clock.pass(1s);
    stats.tick();
  }
  BOOST_TEST(lines("webhook") == 60);
  BOOST_TEST(lines("webhook_refused") == 20);
  BOOST_TEST(lines("webhooks_not_logged") == 0);
}

BOOST_AUTO_TEST_CASE(a_flood_of_refused_webhooks_hides_no_accepted_one) {
  refused(10'000);
  BOOST_TEST(lines("webhook_refused") <= 20);
  accepted();
  BOOST_TEST(lines("webhook") == 1);
}

BOOST_AUTO_TEST_CASE(a_flood_of_accepted_webhooks_hides_no_refusal) {
  accepted(10'000);
  refused();
  BOOST_TEST(lines("webhook_refused") == 1);
}

BOOST_AUTO_TEST_CASE(webhooks_that_are_not_logged_are_counted_in_the_status) {
  accepted(1000);
  refused(500);
  BOOST_TEST(stats.counts().at("accepted") == 1000U);
  BOOST_TEST(stats.counts().at("BAD_REQUEST") == 500U);
}

BOOST_AUTO_TEST_CASE(a_missed_webhook_is_logged_as_a_warning_with_its_session_and_kind) {
  stats.missed(id_of(7), Notification::enrichment);
  BOOST_REQUIRE(log.lines.size() == 1U);
  BOOST_TEST(log.lines[0].event == "webhook_missed");
  BOOST_TEST((log.lines[0].level == LogLevel::warning));
  BOOST_TEST(log.lines[0].fields.at("session_id") == id_of(7).text());
  BOOST_TEST(log.lines[0].fields.at("news") == to_string(Notification::enrichment));
}

BOOST_AUTO_TEST_CASE(every_missed_webhook_is_logged) {
  for (std::uint32_t i = 0; i < 1000; ++i)
    stats.missed(id_of(i), Notification::completion);
  BOOST_TEST(lines("webhook_missed") == 1000);
}

BOOST_AUTO_TEST_CASE(a_change_of_webhook_health_is_logged_and_degraded_is_a_warning) {
  stats.health(WebhookHealth::healthy);
  stats.health(WebhookHealth::degraded);
  BOOST_REQUIRE(log.lines.size() == 2U);
  BOOST_TEST(log.lines[0].event == "webhook_health");
  BOOST_TEST(log.lines[0].fields.at("state") == "healthy");
  BOOST_TEST((log.lines[0].level == LogLevel::info));
  BOOST_TEST(log.lines[1].fields.at("state") == "degraded");
  BOOST_TEST((log.lines[1].level == LogLevel::warning));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
