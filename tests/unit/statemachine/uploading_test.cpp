// From submission to COMPLETED or EXPIRED.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(uploading, Story)

BOOST_AUTO_TEST_CASE(a_submitted_session_begins_as_no_uploads_and_asks_at_once) {
  submit();
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST(!last.persist.transition->from.has_value());
  BOOST_TEST(last.persist.transition->cause == Cause::submitted);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(polling_slows_down_while_nothing_changes_and_speeds_up_when_something_does) {
  submit().reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 7500);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(until_due().count() == 5000);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(until_due().count() == 7500);
  reports(UploadStatus::in_progress, 2);  // another statement is a change, too
  BOOST_TEST(until_due().count() == 5000);
  BOOST_TEST(last.persist.accounts);
}

BOOST_AUTO_TEST_CASE(an_answer_that_changes_nothing_writes_nothing) {
  submit().reports(UploadStatus::no_uploads);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(uploads_may_vanish_again) {
  to_in_progress().reports(UploadStatus::no_uploads);
  BOOST_TEST(state() == State::no_uploads);
}

BOOST_AUTO_TEST_CASE(just_after_the_expiry_timestamp_it_asks_once_more) {
  expires_at = now.wall + 7s;
  submit().reports(UploadStatus::no_uploads).reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() == 3000);  // asked 5 s in; expiry is at 7 s, plus one
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

BOOST_AUTO_TEST_CASE(completed_does_not_become_no_uploads_and_is_not_initiated_on_it) {
  policy.settle = 10s;
  submit().reports(UploadStatus::completed, 1).reports(UploadStatus::no_uploads);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(last.anomalies == kCompletedThenNoUploads);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_unknown_status_changes_nothing_and_is_recorded_once) {
  submit().reports(UploadStatus::unknown);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST(last.anomalies == kUnknownUploadStatus);
  reports(UploadStatus::unknown);
  BOOST_TEST(last.anomalies == kNoAnomaly);
  BOOST_TEST((session.live.due != kNever));
}

BOOST_AUTO_TEST_CASE(a_report_against_the_documented_rules_is_followed_and_recorded) {
  expires_at = now.wall + 1h;
  submit().reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST((kept().anomalies & kContradictsRules) != 0);
  BOOST_TEST((last.rules_say == UploadStatus::in_progress));
}

BOOST_AUTO_TEST_CASE(a_session_that_is_not_found_counts_as_no_uploads_until_the_grace_is_over) {
  submit().answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::no_uploads);
  BOOST_TEST((kept().why == Why::not_retrievable));
  pass(59min).answers(Trigger::session_not_found);
  BOOST_TEST(!kept().final);
  pass(1h).answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(kept().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(a_session_found_in_between_starts_the_grace_anew) {
  submit().answers(Trigger::session_not_found);
  pass(59min).reports(UploadStatus::no_uploads);
  pass(59min).answers(Trigger::session_not_found);
  BOOST_TEST(!kept().final);
}

BOOST_AUTO_TEST_CASE(the_grace_goes_on_over_a_restart) {
  submit().answers(Trigger::session_not_found);
  restart(2h).answers(Trigger::session_not_found);
  BOOST_TEST(kept().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(a_session_that_was_there_and_is_not_found_stays_where_it_is_with_the_same_grace) {
  to_in_progress().answers(Trigger::session_not_found);
  BOOST_TEST(state() == State::in_progress);
  pass(2h).answers(Trigger::session_not_found);
  BOOST_TEST(kept().reason == Reason::session_not_found);
}

BOOST_AUTO_TEST_CASE(without_a_known_expiry_it_gives_up_after_follow_for_whatever_is_reported) {
  for (const auto status : {UploadStatus::no_uploads, UploadStatus::in_progress, UploadStatus::unknown}) {
    Story story;
    story.submit().reports(status, 0);
    story.pass(std::chrono::days(31)).reports(status, 0);
    BOOST_TEST(story.kept().reason == Reason::not_followed_any_longer);
  }
}

BOOST_AUTO_TEST_CASE(a_known_expiry_far_ahead_is_waited_for) {
  expires_at = now.wall + std::chrono::days(60);
  submit().reports(UploadStatus::no_uploads);
  pass(std::chrono::days(59)).reports(UploadStatus::no_uploads);
  BOOST_TEST(!kept().final);
}

BOOST_AUTO_TEST_CASE(a_completed_session_nobody_releases_is_given_up_in_the_end) {
  submit(true).reports(UploadStatus::completed, 1);
  pass(std::chrono::days(31)).reports(UploadStatus::completed, 1);
  BOOST_TEST(kept().reason == Reason::not_followed_any_longer);
}

BOOST_AUTO_TEST_CASE(deleted_and_key_required_are_final_at_once) {
  BOOST_TEST(submit().answers(Trigger::session_deleted).kept().reason == Reason::session_deleted);
  BOOST_TEST(submit().answers(Trigger::key_required).kept().reason == Reason::key_required);
  BOOST_TEST(submit().answers(Trigger::unparsable).kept().reason == Reason::unparsable_statements);
}

BOOST_AUTO_TEST_CASE(an_undocumented_refusal_is_tried_a_few_times_then_final) {
  submit();
  for (int i = 0; i < 3; ++i) {
    answers(Trigger::refused);
    BOOST_TEST(!kept().final);
  }
  answers(Trigger::refused);
  BOOST_TEST(kept().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(the_accounts_trouble_fails_no_session_however_long_it_lasts) {
  submit();
  for (int i = 0; i < 500; ++i)
    pass(1h).answers(Trigger::account_refused);
  BOOST_TEST(!kept().final);
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(passing_faults_back_off_and_never_ask_faster_than_when_all_is_well) {
  submit();
  for (int i = 0; i < 50; ++i) {
    answers(Trigger::passing_fault);
    BOOST_TEST(until_due().count() >= 5000);
    BOOST_TEST(until_due().count() <= 30'000);
  }
  BOOST_TEST(session.live.attempts == 50);
}

BOOST_AUTO_TEST_CASE(retry_after_is_honoured) {
  submit().ask();
  Event event;
  event.trigger = Trigger::slow_down;
  event.retry_after = 90s;
  tell(event);
  BOOST_TEST(until_due().count() == 90'000);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_a_day_either_way_fails_nothing_and_forgets_nothing) {
  for (const Duration jumped : {Duration(24h), Duration(-24h)}) {
    Story story;
    story.expires_at = story.now.wall + 30min;
    story.submit().answers(Trigger::session_not_found);
    story.jump(jumped).answers(Trigger::session_not_found);
    BOOST_TEST(!story.kept().final);
    story.reports(UploadStatus::in_progress, 1);
    BOOST_TEST(story.state() == State::in_progress);
    BOOST_TEST(story.until_due().count() <= 5000);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
