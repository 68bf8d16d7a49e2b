// The health of webhooks, and its effect on poll intervals.
#include <boost/test/unit_test.hpp>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect {
inline std::ostream& boost_test_print_type(std::ostream& out, WebhookHealth health) {
  return out << to_string(health);
}
}  // namespace bankconnect

namespace bankconnect::test {

namespace {
constexpr Steady at(int seconds) {
  return Steady(std::chrono::seconds(1000 + seconds));
}
}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_channel)

BOOST_AUTO_TEST_CASE(without_a_listener_webhook_health_is_always_off) {
  WebhookHealthMonitor monitor(false, 15s);
  monitor.announced(Notification::completion, at(0));
  monitor.missed(Notification::expiry, at(1));
  BOOST_TEST(monitor.health() == WebhookHealth::off);
}

BOOST_AUTO_TEST_CASE(webhook_health_begins_unproven_and_is_healthy_after_one_announced_change) {
  WebhookHealthMonitor monitor(true, 15s);
  BOOST_TEST(monitor.health() == WebhookHealth::unproven);
  monitor.announced(Notification::completion, at(0));
  BOOST_TEST(monitor.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(one_missed_webhook_degrades_webhook_health) {
  WebhookHealthMonitor monitor(true, 15s);
  monitor.announced(Notification::completion, at(0));
  monitor.missed(Notification::completion, at(1));
  BOOST_TEST(monitor.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(an_announced_change_of_the_missed_kind_restores_webhook_health) {
  WebhookHealthMonitor monitor(true, 15s);
  monitor.missed(Notification::completion, at(0));
  monitor.announced(Notification::completion, at(16));
  BOOST_TEST(monitor.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(webhook_health_stays_degraded_for_the_grace_period_after_a_miss) {
  WebhookHealthMonitor monitor(true, 15s);
  monitor.missed(Notification::completion, at(0));
  monitor.announced(Notification::completion, at(15));
  BOOST_TEST(monitor.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(an_announced_change_of_another_kind_does_not_restore_webhook_health) {
  WebhookHealthMonitor monitor(true, 15s);
  monitor.missed(Notification::completion, at(0));
  monitor.announced(Notification::enrichment, at(60));
  BOOST_TEST(monitor.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(planning_by_health, Story)

BOOST_AUTO_TEST_CASE(healthy_webhooks_leave_progress_polls_at_the_safety_interval) {
  to_processing();
  conditions.webhooks = WebhookHealth::healthy;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST(until_due().count() == 60000);
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 60000);
}

BOOST_AUTO_TEST_CASE(degraded_webhooks_return_progress_polls_to_full_rate_at_once) {
  conditions.webhooks = WebhookHealth::healthy;
  to_processing().pass(30s);
  conditions.webhooks = WebhookHealth::degraded;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST(until_due().count() < 2000);
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(degraded_webhooks_set_the_upload_interval_full_polling_would_have_reached) {
  conditions.webhooks = WebhookHealth::healthy;
  submit().reports(UploadStatus::no_uploads).pass(8s);
  conditions.webhooks = WebhookHealth::degraded;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST(session.in_memory.interval.count() == 9000);  // 5 s plus half of the 8 s since submission
  BOOST_TEST(until_due().count() == 1000);
}

BOOST_AUTO_TEST_CASE(a_change_of_webhook_health_does_not_postpone_a_hinted_call) {
  to_processing().pass(1s).tell(Trigger::hint);
  conditions.webhooks = WebhookHealth::healthy;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_change_of_webhook_health_does_not_change_a_back_off) {
  to_processing().answers(Trigger::passing_fault);
  const Steady due = session.in_memory.due;
  conditions.webhooks = WebhookHealth::healthy;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST((session.in_memory.due == due));
}

BOOST_AUTO_TEST_CASE(healthy_webhooks_do_not_postpone_the_call_after_the_expiry_timestamp) {
  expires_at = now.wall + 20s;
  submit().reports(UploadStatus::no_uploads);
  conditions.webhooks = WebhookHealth::healthy;
  tell(Trigger::webhook_health_changed);
  BOOST_TEST(until_due().count() == 21000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
