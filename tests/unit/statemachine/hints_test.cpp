// What a webhook does to a session: it says when to ask, never what is true.
#include <boost/test/unit_test.hpp>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(hints, Story)

BOOST_AUTO_TEST_CASE(a_hint_makes_the_next_call_due_at_once_and_changes_no_state) {
  submit().reports(UploadStatus::no_uploads);
  pass(2s).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(!last.persist.transition.has_value());
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::hint);
}

BOOST_AUTO_TEST_CASE(a_hint_is_persisted_once_and_cleared_by_the_next_answer) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint);
  BOOST_TEST(last.persist.session);
  BOOST_TEST((durable().hinted_at == now.wall));
  pass(100ms).tell(Trigger::hint);
  BOOST_TEST(last.persist.empty());
  reports(UploadStatus::no_uploads);
  BOOST_TEST((durable().hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(after_a_restart_a_hinted_session_is_due_at_once) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint).restart();
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::hint);
}

BOOST_AUTO_TEST_CASE(a_hint_is_kept_until_a_call_brings_a_usable_answer) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint);
  answers(Trigger::passing_fault);
  BOOST_TEST((durable().hinted_at != kNoWall));
  answers(Trigger::slow_down);
  BOOST_TEST((durable().hinted_at != kNoWall));
  reports(UploadStatus::completed, 1);
  BOOST_TEST_REQUIRE(last.discovery.has_value());
  BOOST_TEST(last.discovery->announced);
}

BOOST_AUTO_TEST_CASE(a_hint_makes_a_call_due_a_second_after_the_last_one_at_the_earliest) {
  submit().reports(UploadStatus::no_uploads).pass(100ms).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 900);
}

BOOST_AUTO_TEST_CASE(hundreds_of_hints_a_second_cause_at_most_one_call_a_second) {
  submit().reports(UploadStatus::no_uploads);
  Steady asked_at = session.in_memory.asked_at;
  pass(1300ms);
  for (int i = 0; i < 2000; ++i) {
    tell(Trigger::hint);
    if (session.in_memory.due <= now.steady) {
      BOOST_TEST((now.steady - asked_at) >= 1s);
      asked_at = now.steady;
      reports(UploadStatus::no_uploads);
    }
    pass(5ms);
  }
}

BOOST_AUTO_TEST_CASE(a_hint_before_the_first_call_leaves_it_due_at_once) {
  submit().tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_hint_that_finds_no_change_does_not_postpone_the_planned_poll) {
  submit().reports(UploadStatus::no_uploads);
  for (int i = 0; i < 12; ++i)
    reports(UploadStatus::no_uploads);
  const Steady planned = session.in_memory.due;
  pass(10s).tell(Trigger::hint);
  reports(UploadStatus::no_uploads);
  pass(policy.webhook_grace + 1s);
  while (session.in_memory.due < planned)
    reports(UploadStatus::no_uploads);
  BOOST_TEST((session.in_memory.due <= planned + policy.upload_interval_max));
  BOOST_TEST((session.in_memory.asked_at <= planned));
}

BOOST_AUTO_TEST_CASE(a_hinted_progress_call_does_not_shift_the_planned_poll) {
  to_processing();
  const Steady planned = session.in_memory.due;
  pass(1500ms).tell(Trigger::hint).answers(Trigger::still_processing);
  BOOST_TEST((session.in_memory.due == planned));
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(a_failed_hinted_call_does_not_postpone_the_planned_poll) {
  to_processing();
  const Steady planned = session.in_memory.due;
  pass(1s).tell(Trigger::hint).answers(Trigger::passing_fault);
  BOOST_TEST((session.in_memory.due == planned));
}

BOOST_AUTO_TEST_CASE(a_hint_does_not_shorten_retry_after) {
  submit().ask();
  Event event;
  event.trigger = Trigger::slow_down;
  event.retry_after = 20s;
  tell(event).pass(3s).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 17000);
}

BOOST_AUTO_TEST_CASE(a_hint_during_a_call_causes_another_call_after_it) {
  submit().ask().tell(Trigger::hint);
  BOOST_TEST(session.in_memory.in_flight);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 1000);
  BOOST_TEST((durable().hinted_at != kNoWall));
}

BOOST_AUTO_TEST_CASE(a_hinted_answer_without_news_is_asked_again_soon_and_later_news_counts_as_announced) {
  submit();
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::no_uploads);
  pass(10s).tell(Trigger::hint).reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.discovery->announced);
}

BOOST_AUTO_TEST_CASE(a_final_session_ignores_hints) {
  to_expired_final().tell(Trigger::hint);
  BOOST_TEST((last.row == nullptr));
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(news_in_answers, Story)

BOOST_AUTO_TEST_CASE(a_change_found_by_a_poll_without_a_hint_is_unannounced) {
  to_in_progress().reports(UploadStatus::completed, 1);
  BOOST_TEST_REQUIRE(last.discovery.has_value());
  BOOST_TEST((last.discovery->kind == Notification::completion));
  BOOST_TEST(!last.discovery->announced);
}

BOOST_AUTO_TEST_CASE(the_first_answer_after_submission_is_no_discovery) {
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.discovery.has_value());
}

BOOST_AUTO_TEST_CASE(a_change_found_right_after_a_restart_is_no_discovery) {
  to_in_progress().restart(1h).reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.discovery.has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_before_the_submission_announces_the_first_answer) {
  submit();
  session = hinted_before(session, now.wall - 1h, now);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.discovery->announced);
}

BOOST_AUTO_TEST_CASE(expiry_and_enrichment_are_discoveries) {
  to_in_progress().reports(UploadStatus::expired, 1);
  BOOST_TEST((last.discovery->kind == Notification::expiry));
  to_processing().answers(Trigger::progress_finished);
  BOOST_TEST((last.discovery->kind == Notification::enrichment));
}

BOOST_AUTO_TEST_CASE(the_end_of_processing_requested_elsewhere_is_no_discovery) {
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  answers(Trigger::progress_finished);
  BOOST_TEST(!last.discovery.has_value());
}

BOOST_AUTO_TEST_CASE(a_hint_older_than_the_grace_period_announces_nothing) {
  to_in_progress().pass(2s).tell(Trigger::hint).reports(UploadStatus::in_progress, 1);
  pass(16s).reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.discovery->announced);
}

BOOST_AUTO_TEST_CASE(the_start_of_uploading_is_no_discovery) {
  submit().reports(UploadStatus::no_uploads).reports(UploadStatus::in_progress, 1);
  BOOST_TEST(!last.discovery.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
