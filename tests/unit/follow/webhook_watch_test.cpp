// Whether webhooks keep up with what polling finds. pending_webhooks_test.cpp tests which webhooks are
// awaited, tests/unit/statemachine/webhook_health_test.cpp how health is judged.
#include <boost/test/unit_test.hpp>

#include "src/follow/webhook_watch.hpp"
#include "tests/unit/follow/webhook_values.hpp"

namespace bankconnect {
inline std::ostream& boost_test_print_type(std::ostream& out, WebhookHealth health) {
  return out << to_string(health);
}
inline std::ostream& boost_test_print_type(std::ostream& out, Notification kind) {
  return out << to_string(kind);
}
}  // namespace bankconnect

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::WebhookWatch;

namespace {

struct Watching {
  WebhookWatch watch;

  explicit Watching(bool listening = true) : watch(listening, kWebhookGrace, 42) {}

  void polling_finds(const SessionId& id, Notification kind, Duration time) {
    watch.discovered(id, {kind, false}, at(time));
  }
  void announced_change_is_found(const SessionId& id, Notification kind, Duration time) {
    watch.discovered(id, {kind, true}, at(time));
  }
  void webhook_comes(const SessionId& id, NotificationSet kinds, Duration time) {
    watch.received(id, kinds, at(time));
  }
  std::size_t missed_at(Duration time) { return watch.expire(at(time)).size(); }
};

struct WithoutListener : Watching {
  WithoutListener() : Watching(false) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_watch, Watching)

BOOST_FIXTURE_TEST_CASE(without_a_listener_no_webhook_is_awaited, WithoutListener) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST((watch.next_expiry() == kNever));
}

BOOST_FIXTURE_TEST_CASE(without_a_listener_no_webhook_is_missed, WithoutListener) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST(missed_at(1h) == 0U);
  BOOST_TEST(watch.missed() == 0U);
}

BOOST_FIXTURE_TEST_CASE(without_a_listener_health_stays_off, WithoutListener) {
  announced_change_is_found(kOne, Notification::completion, 0s);
  webhook_comes(kOne, kAnyNotification, 1s);
  BOOST_TEST(watch.health() == WebhookHealth::off);
}

BOOST_AUTO_TEST_CASE(with_a_listener_webhooks_begin_unproven) {
  BOOST_TEST(watch.health() == WebhookHealth::unproven);
}

BOOST_AUTO_TEST_CASE(before_any_change_no_webhook_is_awaited) {
  BOOST_TEST((watch.next_expiry() == kNever));
}

BOOST_AUTO_TEST_CASE(a_change_that_a_webhook_had_announced_proves_webhooks) {
  announced_change_is_found(kOne, Notification::completion, 0s);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(after_a_change_that_a_webhook_had_announced_no_other_is_awaited) {
  announced_change_is_found(kOne, Notification::completion, 0s);
  BOOST_TEST((watch.next_expiry() == kNever));
}

BOOST_AUTO_TEST_CASE(a_change_found_by_polling_proves_nothing_before_its_webhook_comes) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST(watch.health() == WebhookHealth::unproven);
}

BOOST_AUTO_TEST_CASE(the_webhook_of_a_change_found_by_polling_is_awaited_for_the_grace_period) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST((watch.next_expiry() == at(kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(a_webhook_that_comes_within_the_grace_period_proves_webhooks) {
  polling_finds(kOne, Notification::completion, 0s);
  webhook_comes(kOne, kCompletion, kWebhookGrace - 1ms);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_comes_within_the_grace_period_is_not_missed) {
  polling_finds(kOne, Notification::completion, 0s);
  webhook_comes(kOne, kCompletion, kWebhookGrace - 1ms);
  BOOST_TEST(missed_at(kWebhookGrace) == 0U);
  BOOST_TEST(watch.missed() == 0U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_no_change_awaits_proves_nothing) {
  webhook_comes(kOne, kAnyNotification, 0s);
  BOOST_TEST(watch.health() == WebhookHealth::unproven);
}

BOOST_AUTO_TEST_CASE(a_second_webhook_of_one_change_proves_nothing_more) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST(missed_at(kWebhookGrace) == 1U);
  polling_finds(kOne, Notification::completion, 20s);
  webhook_comes(kOne, kCompletion, 21s);  // within a grace period of the miss: does not heal
  webhook_comes(kOne, kCompletion, 60s);
  BOOST_TEST(watch.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(a_webhook_of_another_kind_does_not_make_up_for_the_awaited_one) {
  polling_finds(kOne, Notification::completion, 0s);
  webhook_comes(kOne, kExpiry, 1s);
  BOOST_TEST(missed_at(kWebhookGrace) == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_of_another_session_does_not_make_up_for_the_awaited_one) {
  polling_finds(kOne, Notification::completion, 0s);
  webhook_comes(kTwo, kCompletion, 1s);
  BOOST_TEST(missed_at(kWebhookGrace) == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_may_be_of_any_kind_makes_up_for_one_change_only) {
  polling_finds(kOne, Notification::completion, 0s);
  polling_finds(kOne, Notification::enrichment, 1s);
  webhook_comes(kOne, kAnyNotification, 2s);
  BOOST_TEST(missed_at(1h) == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_may_be_of_any_kind_proves_the_kind_it_was_awaited_for) {
  polling_finds(kOne, Notification::enrichment, 0s);
  missed_at(kWebhookGrace);
  polling_finds(kOne, Notification::enrichment, 60s);
  webhook_comes(kOne, kAnyNotification, 61s);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(no_webhook_is_missed_before_the_grace_period_is_over) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST(missed_at(kWebhookGrace - 1ms) == 0U);
  BOOST_TEST(watch.health() == WebhookHealth::unproven);
}

BOOST_AUTO_TEST_CASE(a_webhook_is_missed_at_the_instant_the_grace_period_is_over) {
  polling_finds(kOne, Notification::completion, 0s);
  BOOST_TEST(missed_at(kWebhookGrace) == 1U);
}

BOOST_AUTO_TEST_CASE(a_missed_webhook_is_returned_with_its_session_and_kind) {
  polling_finds(kTwo, Notification::enrichment, 0s);
  const auto missed = watch.expire(at(kWebhookGrace));
  BOOST_REQUIRE(missed.size() == 1U);
  BOOST_TEST((missed.front().id == kTwo));
  BOOST_TEST(missed.front().kind == Notification::enrichment);
}

BOOST_AUTO_TEST_CASE(a_missed_webhook_degrades_health) {
  announced_change_is_found(kTwo, Notification::completion, 0s);
  polling_finds(kOne, Notification::completion, 1s);
  missed_at(1h);
  BOOST_TEST(watch.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(a_missed_webhook_counts_against_its_own_kind) {
  polling_finds(kOne, Notification::expiry, 0s);
  missed_at(kWebhookGrace);
  announced_change_is_found(kTwo, Notification::completion, 60s);
  BOOST_TEST(watch.health() == WebhookHealth::degraded);
  announced_change_is_found(kTwo, Notification::expiry, 61s);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(a_webhook_is_missed_once) {
  polling_finds(kOne, Notification::completion, 0s);
  missed_at(kWebhookGrace);
  BOOST_TEST(missed_at(1h) == 0U);
  BOOST_TEST(watch.missed() == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_comes_after_it_was_missed_does_not_undo_the_miss) {
  polling_finds(kOne, Notification::completion, 0s);
  missed_at(kWebhookGrace);
  webhook_comes(kOne, kCompletion, 1h);
  BOOST_TEST(watch.missed() == 1U);
  BOOST_TEST(watch.health() == WebhookHealth::degraded);
}

BOOST_AUTO_TEST_CASE(the_count_of_missed_webhooks_adds_up) {
  polling_finds(kOne, Notification::completion, 0s);
  polling_finds(kTwo, Notification::completion, 0s);
  missed_at(kWebhookGrace);
  polling_finds(kOne, Notification::enrichment, 60s);
  missed_at(1h);
  BOOST_TEST(watch.missed() == 3U);
}

BOOST_AUTO_TEST_CASE(the_grace_period_after_a_miss_is_counted_from_when_it_was_noticed) {
  polling_finds(kOne, Notification::completion, 0s);
  missed_at(60s);
  announced_change_is_found(kTwo, Notification::completion, 60s + kWebhookGrace);
  BOOST_TEST(watch.health() == WebhookHealth::degraded);
  announced_change_is_found(kTwo, Notification::completion, 60s + kWebhookGrace + 1ms);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(an_awaited_webhook_that_comes_heals_health_later_than_a_grace_period_after_the_miss) {
  polling_finds(kOne, Notification::completion, 0s);
  missed_at(kWebhookGrace);
  polling_finds(kTwo, Notification::completion, 20s);
  webhook_comes(kTwo, kCompletion, kWebhookGrace + kWebhookGrace + 1ms);
  BOOST_TEST(watch.health() == WebhookHealth::healthy);
}

BOOST_AUTO_TEST_CASE(after_a_miss_the_next_expiry_is_that_of_the_next_awaited_webhook) {
  polling_finds(kOne, Notification::completion, 0s);
  polling_finds(kTwo, Notification::completion, 5s);
  missed_at(kWebhookGrace);
  BOOST_TEST((watch.next_expiry() == at(5s + kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(once_all_awaited_webhooks_were_missed_none_is_awaited) {
  polling_finds(kOne, Notification::completion, 0s);
  missed_at(kWebhookGrace);
  BOOST_TEST((watch.next_expiry() == kNever));
}

BOOST_AUTO_TEST_CASE(the_webhooks_of_a_session_that_is_gone_are_not_missed) {
  polling_finds(kOne, Notification::completion, 0s);
  polling_finds(kOne, Notification::enrichment, 1s);
  watch.forget(kOne);
  BOOST_TEST(missed_at(1h) == 0U);
  BOOST_TEST(watch.health() == WebhookHealth::unproven);
}

BOOST_AUTO_TEST_CASE(the_webhooks_of_other_sessions_are_awaited_when_one_is_gone) {
  polling_finds(kOne, Notification::completion, 0s);
  polling_finds(kTwo, Notification::completion, 0s);
  watch.forget(kOne);
  BOOST_TEST(missed_at(1h) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
