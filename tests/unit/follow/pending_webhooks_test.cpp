// Which webhooks are awaited after polling found a change first, and until when.
#include <boost/test/unit_test.hpp>

#include "src/follow/pending_webhooks.hpp"
#include "tests/unit/follow/webhook_values.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::PendingWebhooks;

namespace {

struct Pending {
  PendingWebhooks pending{kWebhookGrace, 42};

  void add(const SessionId& id, Notification kind, Duration time) { pending.add(id, kind, at(time)); }
  /// The sessions of the changes whose grace period is over by then.
  std::vector<SessionId> overdue(Duration time) {
    std::vector<SessionId> out;
    for (const PendingWebhooks::Entry& entry : pending.overdue(at(time)))
      out.push_back(entry.id);
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pending_webhooks, Pending)

BOOST_AUTO_TEST_CASE(without_a_change_no_grace_period_is_ever_over) {
  BOOST_TEST((pending.first_overdue() == kNever));
  BOOST_TEST(overdue(1h).empty());
}

BOOST_AUTO_TEST_CASE(a_change_is_not_overdue_before_its_grace_period_is_over) {
  add(kOne, Notification::completion, 0s);
  BOOST_TEST(overdue(kWebhookGrace - 1ms).empty());
}

BOOST_AUTO_TEST_CASE(a_change_is_overdue_at_the_instant_its_grace_period_is_over) {
  add(kOne, Notification::completion, 0s);
  BOOST_TEST((overdue(kWebhookGrace) == std::vector{kOne}));
}

BOOST_AUTO_TEST_CASE(an_overdue_change_names_its_session_its_kind_and_the_end_of_its_grace_period) {
  add(kTwo, Notification::expiry, 0s);
  const auto overdue = pending.overdue(at(1h));
  BOOST_REQUIRE(overdue.size() == 1U);
  BOOST_TEST((overdue.front().id == kTwo));
  BOOST_TEST((overdue.front().kind == Notification::expiry));
  BOOST_TEST((overdue.front().until == at(kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(a_change_is_overdue_once) {
  add(kOne, Notification::completion, 0s);
  overdue(kWebhookGrace);
  BOOST_TEST(overdue(1h).empty());
}

BOOST_AUTO_TEST_CASE(changes_become_overdue_in_the_order_they_were_found) {
  add(kThree, Notification::completion, 0s);
  add(kOne, Notification::expiry, 1s);
  add(kTwo, Notification::completion, 2s);
  BOOST_TEST((overdue(1h) == std::vector{kThree, kOne, kTwo}));
}

BOOST_AUTO_TEST_CASE(only_those_changes_are_overdue_whose_own_grace_period_is_over) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 5s);
  BOOST_TEST((overdue(kWebhookGrace + 4s) == std::vector{kOne}));
  BOOST_TEST((overdue(kWebhookGrace + 5s) == std::vector{kTwo}));
}

BOOST_AUTO_TEST_CASE(the_kinds_of_change_of_one_session_are_overdue_one_by_one) {
  for (const Notification kind : kAllNotifications)
    add(kOne, kind, 0s);
  BOOST_TEST(overdue(kWebhookGrace).size() == kAllNotifications.size());
}

BOOST_AUTO_TEST_CASE(changes_of_one_session_found_together_are_all_overdue_in_whichever_order_they_came) {
  for (const Notification kind : {Notification::enrichment, Notification::expiry, Notification::completion}) {
    add(kOne, kind, 0s);
  }
  BOOST_TEST(overdue(kWebhookGrace).size() == 3U);
}

BOOST_AUTO_TEST_CASE(without_a_grace_period_a_change_is_overdue_at_once) {
  PendingWebhooks without_grace(0s, 42);
  without_grace.add(kOne, Notification::completion, at(0s));
  BOOST_TEST(without_grace.overdue(at(0s)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_first_grace_period_to_end_is_that_of_the_change_found_first) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 5s);
  BOOST_TEST((pending.first_overdue() == at(kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(once_the_first_change_is_overdue_the_next_one_is_the_first) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 5s);
  overdue(kWebhookGrace);
  BOOST_TEST((pending.first_overdue() == at(5s + kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(a_webhook_that_came_never_puts_the_first_end_of_a_grace_period_off) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 5s);
  pending.received(kOne, kCompletion);
  BOOST_TEST((pending.first_overdue() <= at(5s + kWebhookGrace)));
}

BOOST_AUTO_TEST_CASE(a_webhook_that_came_causes_no_second_look_after_its_grace_period) {
  add(kOne, Notification::completion, 0s);
  pending.received(kOne, kCompletion);
  overdue(kWebhookGrace);
  BOOST_TEST((pending.first_overdue() == kNever));
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_out_the_change_it_is_about) {
  add(kOne, Notification::completion, 0s);
  BOOST_TEST((pending.received(kOne, kCompletion) == Notification::completion));
  BOOST_TEST(overdue(1h).empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_out_nothing_when_no_change_was_found) {
  BOOST_TEST(!pending.received(kOne, kAnyNotification).has_value());
}

BOOST_AUTO_TEST_CASE(a_second_webhook_takes_out_nothing) {
  add(kOne, Notification::completion, 0s);
  pending.received(kOne, kCompletion);
  BOOST_TEST(!pending.received(kOne, kCompletion).has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_out_nothing_of_another_kind) {
  add(kOne, Notification::completion, 0s);
  BOOST_TEST(!pending.received(kOne, kExpiry | kEnrichment).has_value());
  BOOST_TEST(overdue(1h).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_may_be_about_no_kind_takes_out_nothing) {
  add(kOne, Notification::completion, 0s);
  BOOST_TEST(!pending.received(kOne, 0).has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_out_nothing_of_another_session) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 0s);
  pending.received(kTwo, kCompletion);
  BOOST_TEST((overdue(1h) == std::vector{kOne}));
}

BOOST_AUTO_TEST_CASE(a_webhook_takes_out_nothing_that_was_overdue_before) {
  add(kOne, Notification::completion, 0s);
  overdue(kWebhookGrace);
  BOOST_TEST(!pending.received(kOne, kCompletion).has_value());
}

BOOST_AUTO_TEST_CASE(webhooks_that_may_be_about_any_kind_take_out_the_oldest_change_first) {
  add(kOne, Notification::enrichment, 0s);
  add(kOne, Notification::completion, 1s);
  add(kOne, Notification::expiry, 2s);
  for (const Notification expected :
       {Notification::enrichment, Notification::completion, Notification::expiry}) {
    BOOST_TEST((pending.received(kOne, kAnyNotification) == expected));
  }
}

BOOST_AUTO_TEST_CASE(of_the_kinds_a_webhook_may_be_about_the_oldest_change_is_taken_out) {
  add(kOne, Notification::enrichment, 0s);
  add(kOne, Notification::expiry, 1s);
  add(kOne, Notification::completion, 2s);
  BOOST_TEST((pending.received(kOne, kCompletion | kExpiry) == Notification::expiry));
}

BOOST_AUTO_TEST_CASE(what_a_webhook_did_not_take_out_becomes_overdue) {
  add(kOne, Notification::completion, 0s);
  add(kOne, Notification::enrichment, 1s);
  pending.received(kOne, kAnyNotification);
  const auto overdue = pending.overdue(at(1h));
  BOOST_REQUIRE(overdue.size() == 1U);
  BOOST_TEST((overdue.front().kind == Notification::enrichment));
}

BOOST_AUTO_TEST_CASE(a_change_found_again_after_its_webhook_came_has_a_grace_period_of_its_own) {
  add(kOne, Notification::completion, 0s);
  pending.received(kOne, kCompletion);
  add(kOne, Notification::completion, 5s);
  BOOST_TEST(overdue(5s + kWebhookGrace - 1ms).empty());
  BOOST_TEST(overdue(5s + kWebhookGrace).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_found_again_while_its_webhook_is_awaited_starts_the_grace_period_anew) {
  add(kOne, Notification::completion, 0s);
  add(kOne, Notification::completion, 5s);
  BOOST_TEST(overdue(5s + kWebhookGrace - 1ms).empty());
  BOOST_TEST(overdue(5s + kWebhookGrace).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_found_twice_at_the_same_instant_is_overdue_once) {
  add(kOne, Notification::completion, 0s);
  add(kOne, Notification::completion, 0s);
  BOOST_TEST(overdue(1h).size() == 1U);
}

BOOST_AUTO_TEST_CASE(one_webhook_takes_out_a_change_found_twice) {
  add(kOne, Notification::completion, 0s);
  add(kOne, Notification::completion, 5s);
  pending.received(kOne, kCompletion);
  BOOST_TEST(overdue(1h).empty());
}

BOOST_AUTO_TEST_CASE(forgetting_a_session_takes_out_all_its_changes) {
  for (const Notification kind : kAllNotifications)
    add(kOne, kind, 0s);
  pending.forget(kOne);
  BOOST_TEST(overdue(1h).empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_of_a_forgotten_session_takes_out_nothing) {
  add(kOne, Notification::completion, 0s);
  pending.forget(kOne);
  BOOST_TEST(!pending.received(kOne, kAnyNotification).has_value());
}

BOOST_AUTO_TEST_CASE(forgetting_a_session_leaves_the_changes_of_others) {
  add(kOne, Notification::completion, 0s);
  add(kTwo, Notification::completion, 0s);
  pending.forget(kOne);
  pending.forget(kThree);
  BOOST_TEST((overdue(1h) == std::vector{kTwo}));
}

BOOST_AUTO_TEST_CASE(a_change_found_after_its_session_was_forgotten_has_a_grace_period_of_its_own) {
  add(kOne, Notification::completion, 0s);
  pending.forget(kOne);
  add(kOne, Notification::completion, 5s);
  BOOST_TEST(overdue(5s + kWebhookGrace - 1ms).empty());
  BOOST_TEST(overdue(5s + kWebhookGrace).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
