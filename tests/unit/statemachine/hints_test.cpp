// What a webhook does to a session: it says when to ask, never what is true.
#include <boost/test/unit_test.hpp>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(hints, Story)

BOOST_AUTO_TEST_CASE(a_hint_brings_the_question_forward_and_moves_nothing) {
  submit().reports(UploadStatus::no_uploads);
  pass(2s).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(!last.persist.transition.has_value());
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::hint);
}

BOOST_AUTO_TEST_CASE(the_wake_up_is_made_durable_once_and_ends_with_an_answer) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint);
  BOOST_TEST(last.persist.session);
  BOOST_TEST((kept().hinted_at == now.wall));
  pass(100ms).tell(Trigger::hint);
  BOOST_TEST(last.persist.empty());
  reports(UploadStatus::no_uploads);
  BOOST_TEST((kept().hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_restart_asks_a_hinted_session_at_once) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint).restart();
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::hint);
}

BOOST_AUTO_TEST_CASE(a_hint_outlives_calls_that_bring_no_answer) {
  submit().reports(UploadStatus::no_uploads).pass(2s).tell(Trigger::hint);
  answers(Trigger::passing_fault);
  BOOST_TEST((kept().hinted_at != kNoWall));
  answers(Trigger::slow_down);
  BOOST_TEST((kept().hinted_at != kNoWall));
  reports(UploadStatus::completed, 1);
  BOOST_TEST_REQUIRE(last.found.has_value());
  BOOST_TEST(last.found->announced);
}

BOOST_AUTO_TEST_CASE(hints_alone_ask_once_a_second_at_most) {
  submit().reports(UploadStatus::no_uploads).pass(100ms).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 900);
}

BOOST_AUTO_TEST_CASE(hundreds_of_hints_a_second_never_ask_twice_within_a_second) {
  submit().reports(UploadStatus::no_uploads);
  Steady asked_at = session.live.asked_at;
  pass(1300ms);
  for (int i = 0; i < 2000; ++i) {
    tell(Trigger::hint);
    if (session.live.due <= now.steady) {
      BOOST_TEST((now.steady - asked_at) >= 1s);
      asked_at = now.steady;
      reports(UploadStatus::no_uploads);
    }
    pass(5ms);
  }
}

BOOST_AUTO_TEST_CASE(a_hint_before_the_first_question_changes_nothing) {
  submit().tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_hint_that_found_nothing_leaves_the_plan_as_it_was) {
  submit().reports(UploadStatus::no_uploads);
  for (int i = 0; i < 12; ++i)
    reports(UploadStatus::no_uploads);
  const Steady planned = session.live.due;
  pass(10s).tell(Trigger::hint);
  reports(UploadStatus::no_uploads);
  pass(policy.webhook_grace + 1s);
  while (session.live.due < planned)
    reports(UploadStatus::no_uploads);
  BOOST_TEST((session.live.due <= planned + policy.upload_interval_max));
  BOOST_TEST((session.live.asked_at <= planned));
}

BOOST_AUTO_TEST_CASE(progress_keeps_its_beat_beside_hints) {
  to_processing();
  const Steady beat = session.live.due;
  pass(1500ms).tell(Trigger::hint).answers(Trigger::still_processing);
  BOOST_TEST((session.live.due == beat));
  answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(a_hint_whose_call_fails_does_not_put_the_planned_question_off) {
  to_processing();
  const Steady beat = session.live.due;
  pass(1s).tell(Trigger::hint).answers(Trigger::passing_fault);
  BOOST_TEST((session.live.due == beat));
}

BOOST_AUTO_TEST_CASE(a_hint_does_not_break_the_patience_bankconnect_asked_for) {
  submit().ask();
  Event event;
  event.trigger = Trigger::slow_down;
  event.retry_after = 20s;
  tell(event).pass(3s).tell(Trigger::hint);
  BOOST_TEST(until_due().count() == 17000);
}

BOOST_AUTO_TEST_CASE(a_hint_during_a_call_is_asked_about_after_it) {
  submit().ask().tell(Trigger::hint);
  BOOST_TEST(session.live.in_flight);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 1000);
  BOOST_TEST((kept().hinted_at != kNoWall));
}

BOOST_AUTO_TEST_CASE(an_answer_may_lag_behind_its_webhook) {
  submit();
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::no_uploads);
  pass(10s).tell(Trigger::hint).reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.found->announced);
}

BOOST_AUTO_TEST_CASE(a_final_session_takes_no_hint) {
  to_expired_final().tell(Trigger::hint);
  BOOST_TEST((last.row == nullptr));
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(news_in_answers, Story)

BOOST_AUTO_TEST_CASE(polling_that_sees_a_change_found_news_nobody_announced) {
  to_in_progress().reports(UploadStatus::completed, 1);
  BOOST_TEST_REQUIRE(last.found.has_value());
  BOOST_TEST((last.found->news == News::completion));
  BOOST_TEST(!last.found->announced);
}

BOOST_AUTO_TEST_CASE(what_the_first_answer_shows_may_have_happened_before_anybody_listened) {
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.found.has_value());
}

BOOST_AUTO_TEST_CASE(what_happened_while_the_daemon_was_away_is_nobodys_miss) {
  to_in_progress().restart(1h).reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.found.has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_before_the_submission_announced_the_first_answer) {
  submit();
  session = hinted_before(session, now.wall - 1h, now);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.found->announced);
}

BOOST_AUTO_TEST_CASE(expiry_and_enrichment_are_news_too) {
  to_in_progress().reports(UploadStatus::expired, 1);
  BOOST_TEST((last.found->news == News::expiry));
  to_processing().answers(Trigger::progress_finished);
  BOOST_TEST((last.found->news == News::enrichment));
}

BOOST_AUTO_TEST_CASE(processing_that_somebody_else_asked_for_may_have_ended_long_ago) {
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  answers(Trigger::progress_finished);
  BOOST_TEST(!last.found.has_value());
}

BOOST_AUTO_TEST_CASE(a_hint_older_than_the_grace_period_announces_nothing) {
  to_in_progress().pass(2s).tell(Trigger::hint).reports(UploadStatus::in_progress, 1);
  pass(16s).reports(UploadStatus::completed, 1);
  BOOST_TEST(!last.found->announced);
}

BOOST_AUTO_TEST_CASE(uploads_that_begin_are_no_news_of_webhooks) {
  submit().reports(UploadStatus::no_uploads).reports(UploadStatus::in_progress, 1);
  BOOST_TEST(!last.found.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
