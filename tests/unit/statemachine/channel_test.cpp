// How far webhooks can be relied on, and what that does to polling.
#include <boost/test/unit_test.hpp>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect {
inline std::ostream& boost_test_print_type(std::ostream& out, WebhookHealth health) {
  return out << name(health);
}
}  // namespace bankconnect

namespace bankconnect::test {

namespace {
constexpr Steady at(int seconds) {
  return Steady(std::chrono::seconds(1000 + seconds));
}
}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_channel)

BOOST_AUTO_TEST_CASE(without_a_listener_it_is_off_whatever_happens) {
  WebhookChannel channel(false, 15s);
  channel.announced(News::completion, at(0));
  channel.missed(News::expiry, at(1));
  BOOST_TEST(channel.health() == WebhookHealth::off);
}

BOOST_AUTO_TEST_CASE(it_begins_unproven_and_one_announced_piece_of_news_proves_it) {
  WebhookChannel channel(true, 15s);
  BOOST_TEST(channel.health() == WebhookHealth::unproven);
  channel.announced(News::completion, at(0));
  BOOST_TEST(channel.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(one_miss_degrades_it) {
  WebhookChannel channel(true, 15s);
  channel.announced(News::completion, at(0));
  channel.missed(News::completion, at(1));
  BOOST_TEST(channel.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(the_same_kind_of_news_announced_again_heals_it) {
  WebhookChannel channel(true, 15s);
  channel.missed(News::completion, at(0));
  channel.announced(News::completion, at(16));
  BOOST_TEST(channel.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(right_after_a_miss_it_does_not_swing_back) {
  WebhookChannel channel(true, 15s);
  channel.missed(News::completion, at(0));
  channel.announced(News::completion, at(15));
  BOOST_TEST(channel.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(a_kind_that_never_comes_is_not_made_good_by_another) {
  WebhookChannel channel(true, 15s);
  channel.missed(News::completion, at(0));
  channel.announced(News::enrichment, at(60));
  BOOST_TEST(channel.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(planning_by_health, Story)

BOOST_AUTO_TEST_CASE(a_healthy_channel_leaves_safety_polling_only) {
  to_processing();
  policy.webhook_health = WebhookHealth::healthy;
  tell(Trigger::channel_changed);
  BOOST_TEST(until_due().count() == 60000);
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 60000);
}

BOOST_AUTO_TEST_CASE(a_degraded_channel_brings_progress_back_to_its_beat_at_once) {
  policy.webhook_health = WebhookHealth::healthy;
  to_processing().pass(30s);
  policy.webhook_health = WebhookHealth::degraded;
  tell(Trigger::channel_changed);
  BOOST_TEST(until_due().count() < 2000);
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(a_degraded_channel_brings_uploads_to_where_full_polling_would_be) {
  policy.webhook_health = WebhookHealth::healthy;
  submit().reports(UploadStatus::no_uploads).pass(8s);
  policy.webhook_health = WebhookHealth::degraded;
  tell(Trigger::channel_changed);
  BOOST_TEST(session.live.interval.count() == 9000);  // 5 s, and half of the 8 s since submission
  BOOST_TEST(until_due().count() == 1000);
}

BOOST_AUTO_TEST_CASE(a_change_of_health_never_puts_a_hints_question_off) {
  to_processing().pass(1s).tell(Trigger::hint);
  policy.webhook_health = WebhookHealth::healthy;
  tell(Trigger::channel_changed);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_change_of_health_leaves_back_off_alone) {
  to_processing().answers(Trigger::passing_fault);
  const Steady due = session.live.due;
  policy.webhook_health = WebhookHealth::healthy;
  tell(Trigger::channel_changed);
  BOOST_TEST((session.live.due == due));
}

BOOST_AUTO_TEST_CASE(a_healthy_channel_does_not_put_off_the_question_after_expiry) {
  expires_at = now.wall + 20s;
  submit().reports(UploadStatus::no_uploads);
  policy.webhook_health = WebhookHealth::healthy;
  tell(Trigger::channel_changed);
  BOOST_TEST(until_due().count() == 21000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
