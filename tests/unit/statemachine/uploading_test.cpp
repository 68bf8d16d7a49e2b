// From submission to COMPLETED or EXPIRED.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(uploading, Story)

BOOST_AUTO_TEST_CASE(a_submitted_session_begins_as_no_uploads_and_is_due_at_once) {
  submit();
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST(!last.persist.transition->from.has_value());
  BOOST_TEST(last.persist.transition->cause == Cause::submitted);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(the_upload_interval_grows_while_nothing_changes_and_resets_on_a_change) {
  submit().reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 7500);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(until_due().count() == 7500);
  reports(UploadStatus::in_progress, 2);  // a further statement is a change
  BOOST_TEST(until_due().count() == 5000);
  BOOST_TEST(last.persist.accounts);
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_change_persists_nothing) {
  submit().reports(UploadStatus::no_uploads);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(in_progress_can_go_back_to_no_uploads) {
  to_in_progress().reports(UploadStatus::no_uploads);
  BOOST_TEST(state() == State::no_uploads);
}

BOOST_AUTO_TEST_CASE(a_call_is_due_one_second_after_the_expiry_timestamp) {
  expires_at = now.wall + 7s;
  submit().reports(UploadStatus::no_uploads).reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 3000);  // called at 5 s; due at 7 s (expiry) plus 1 s
}

BOOST_AUTO_TEST_CASE(multi_banking_reopens_a_completed_session_before_initiate) {
  policy.settle = 10s;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::completed);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  reports(UploadStatus::completed, 2);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(a_completed_session_reported_no_uploads_stays_completed_and_is_not_initiated) {
  policy.settle = 10s;
  submit().reports(UploadStatus::completed, 1).reports(UploadStatus::no_uploads);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(last.anomalies == kCompletedThenNoUploads);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_unknown_upload_status_changes_no_state_and_is_recorded_once) {
  submit().reports(UploadStatus::unknown);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(last.anomalies == kUnknownUploadStatus);
  reports(UploadStatus::unknown);
  BOOST_TEST(last.anomalies == kNoAnomaly);
  BOOST_TEST((session.in_memory.due != kNever));
}

BOOST_AUTO_TEST_CASE(a_report_that_contradicts_the_documented_rules_is_followed_and_recorded) {
  expires_at = now.wall + 1h;
  submit().reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST((durable().anomalies & kContradictsRules) != 0);
  BOOST_TEST((last.rules_say == UploadStatus::in_progress));
}

BOOST_AUTO_TEST_CASE(a_session_that_is_not_found_counts_as_no_uploads_until_the_grace_is_over) {
  submit().answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST((durable().why == Why::not_retrievable));
  pass(59min).answers(Trigger::session_not_found);
  BOOST_TEST(!durable().final);
  pass(1h).answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(durable().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(a_session_found_in_between_restarts_the_not_found_grace) {
  submit().answers(Trigger::session_not_found);
  pass(59min).reports(UploadStatus::no_uploads);
  pass(59min).answers(Trigger::session_not_found);
  BOOST_TEST(!durable().final);
}

BOOST_AUTO_TEST_CASE(the_not_found_grace_continues_across_a_restart) {
  submit().answers(Trigger::session_not_found);
  restart(2h).answers(Trigger::session_not_found);
  BOOST_TEST(durable().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(a_known_session_not_found_keeps_its_state_until_the_grace_is_over) {
  to_in_progress().answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::in_progress);
  pass(2h).answers(Trigger::session_not_found);
  BOOST_TEST(durable().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(a_session_without_a_known_expiry_is_given_up_after_follow_for) {
  for (const auto status : {UploadStatus::no_uploads, UploadStatus::in_progress, UploadStatus::unknown}) {
    Story story;
    story.submit().reports(status, 0);
    story.pass(std::chrono::days(31)).reports(status, 0);
    BOOST_TEST(story.durable().reason == Reason::not_followed_any_longer);
  }
}

BOOST_AUTO_TEST_CASE(a_session_is_followed_until_its_known_expiry_even_past_follow_for) {
  expires_at = now.wall + std::chrono::days(60);
  submit().reports(UploadStatus::no_uploads);
  pass(std::chrono::days(59)).reports(UploadStatus::no_uploads);
  BOOST_TEST(!durable().final);
}

BOOST_AUTO_TEST_CASE(a_held_completed_session_is_given_up_after_follow_for_once_no_request_is_known) {
  submit(true).reports(UploadStatus::completed, 1);
  pass(std::chrono::days(31));
  BOOST_TEST(ask().sends() == Call::progress);
  tell(Trigger::not_requested, Call::progress);
  BOOST_TEST(durable().reason == Reason::not_followed_any_longer);
}

BOOST_AUTO_TEST_CASE(a_held_completed_session_whose_time_ends_during_a_question_is_asked_for_progress_first) {
  submit(true).reports(UploadStatus::completed, 1).ask().pass(std::chrono::days(31));
  reports(UploadStatus::completed, 1);
  BOOST_TEST(!durable().final);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(a_held_completed_session_that_somebody_else_had_processed_goes_on) {
  for (const Trigger answer : {Trigger::still_processing, Trigger::progress_finished}) {
    submit(true).reports(UploadStatus::completed, 1).pass(std::chrono::days(31));
    answers(answer);
    BOOST_TEST(state() == State::processing);
    BOOST_TEST(durable().requested_elsewhere);
  }
}

BOOST_AUTO_TEST_CASE(deleted_key_required_and_unparsable_fail_a_session_at_once) {
  BOOST_TEST(submit().answers(Trigger::session_deleted).durable().reason == Reason::session_deleted);
  BOOST_TEST(submit().answers(Trigger::key_required).durable().reason == Reason::key_required);
  BOOST_TEST(submit().answers(Trigger::unparsable).durable().reason == Reason::unparsable_statements);
}

BOOST_AUTO_TEST_CASE(an_undocumented_refusal_is_retried_three_times_then_the_session_fails) {
  submit();
  for (int i = 0; i < 3; ++i) {
    answers(Trigger::refused);
    BOOST_TEST(!durable().final);
  }
  answers(Trigger::refused);
  BOOST_TEST(durable().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(a_refused_account_fails_no_session_however_long_it_lasts) {
  submit();
  for (int i = 0; i < 500; ++i)
    pass(1h).answers(Trigger::account_refused);
  BOOST_TEST(!durable().final);
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(transient_faults_of_upload_status_are_retried_after_5_to_30_seconds) {
  submit();
  for (int i = 0; i < 50; ++i) {
    answers(Trigger::passing_fault);
    BOOST_TEST(until_due().count() >= 5000);
    BOOST_TEST(until_due().count() <= 30'000);
  }
  BOOST_TEST(session.in_memory.attempts == 50);
}

BOOST_AUTO_TEST_CASE(retry_after_is_honoured) {
  submit().ask();
  Event event;
  event.trigger = Trigger::slow_down;
  event.retry_after = 90s;
  tell(event);
  BOOST_TEST(until_due().count() == 90'000);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_a_day_forward_or_back_fails_no_session_and_keeps_it_polled) {
  for (const Duration jumped : {Duration(24h), Duration(-24h)}) {
    Story story;
    story.expires_at = story.now.wall + 30min;
    story.submit().answers(Trigger::session_not_found);
    story.jump(jumped).answers(Trigger::session_not_found);
    BOOST_TEST(!story.durable().final);
    story.reports(UploadStatus::in_progress, 1);
    BOOST_TEST(story.state() == State::in_progress);
    BOOST_TEST(story.until_due().count() <= 5000);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
