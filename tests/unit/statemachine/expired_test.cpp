// Sessions that expired: when initiate is tried, when they end, and when that does not count at once.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(expired, Story)

BOOST_AUTO_TEST_CASE(an_expired_session_without_statements_is_final) {
  to_expired_final();
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(durable().final);
  BOOST_TEST((durable().why == Why::expired_without_statements));
  BOOST_TEST((session.in_memory.due == kNever));
}

BOOST_AUTO_TEST_CASE(an_expired_session_with_statements_is_initiated_once_and_final_when_refused) {
  to_expired_intent();
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(!durable().final);
  BOOST_TEST(ask().sends() == Call::initiate);
  tell(Trigger::refused, Call::initiate);
  BOOST_TEST(durable().final);
  BOOST_TEST(last.persist.transition->final);
  BOOST_TEST((durable().why == Why::expired_refused));
}

BOOST_AUTO_TEST_CASE(an_expired_session_whose_initiate_is_accepted_is_processing) {
  to_expired_intent().ask().tell(Trigger::accepted, Call::initiate);
  BOOST_TEST(state() == State::processing);
}

BOOST_AUTO_TEST_CASE(the_policy_stop_makes_an_expired_session_with_statements_final) {
  policy.expired_sessions = ExpiredSessions::stop;
  submit().reports(UploadStatus::expired, 1);
  BOOST_TEST(durable().final);
  BOOST_TEST((durable().why == Why::expired_not_processed));
}

BOOST_AUTO_TEST_CASE(a_held_expired_session_waits_and_is_given_up_when_due) {
  submit(true).reports(UploadStatus::expired, 1);
  BOOST_TEST(!durable().final);
  BOOST_TEST((durable().why == Why::expired_held));
  BOOST_TEST(ask().sends() == Call::progress);
  tell(Trigger::not_requested, Call::progress);
  BOOST_TEST(durable().final);
  BOOST_TEST((durable().why == Why::expired_given_up));
}

BOOST_AUTO_TEST_CASE(a_held_expired_session_that_somebody_else_had_processed_is_followed_on) {
  for (const auto shown : {Trigger::still_processing, Trigger::progress_finished}) {
    Story story;
    story.submit(true).reports(UploadStatus::expired, 1).ask().tell(shown, Call::progress);
    BOOST_TEST(story.state() == State::processing);
    BOOST_TEST(story.durable().requested_elsewhere);
    story.ask();
    BOOST_TEST((story.sends() == Call::progress) == (shown != Trigger::progress_finished));
  }
}

BOOST_AUTO_TEST_CASE(the_last_question_is_repeated_no_faster_than_progress_is_asked_for) {
  policy.progress_interval = 20s;
  submit(true).reports(UploadStatus::expired, 1).ask().tell(Trigger::passing_fault, Call::progress);
  BOOST_TEST(until_due().count() >= 20'000);
}

BOOST_AUTO_TEST_CASE(a_session_released_while_it_is_asked_about_for_the_last_time_is_initiated) {
  submit(true).reports(UploadStatus::expired, 1).ask().tell(Trigger::release);
  tell(Trigger::not_requested, Call::progress);
  BOOST_TEST(!durable().final);
  reports(UploadStatus::expired, 1);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_held_session_past_its_known_expiry_is_given_up_without_repeated_calls) {
  expires_at = now.wall + std::chrono::days(3);
  submit(true).pass(std::chrono::days(3) + 1min).reports(UploadStatus::expired, 1);
  ask().tell(Trigger::not_requested, Call::progress);
  BOOST_TEST(durable().final);
}

BOOST_AUTO_TEST_CASE(an_expired_answer_an_hour_before_the_expiry_timestamp_is_no_end) {
  expires_at = now.wall + 1h;
  submit().reports(UploadStatus::expired);
  BOOST_TEST(!durable().final);
  BOOST_TEST((durable().why == Why::end_doubted));
  BOOST_TEST(until_due().count() == 30'000);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST((durable().doubted_since == kNoElapsed));
}

BOOST_AUTO_TEST_CASE(an_expired_answer_without_the_statements_listed_before_is_no_end_and_loses_none) {
  to_in_progress().reports(UploadStatus::expired);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(durable().statements == 1U);
  BOOST_TEST(!last.persist.accounts);
  reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_doubted_expiry_is_believed_once_every_answer_said_so_for_ten_minutes) {
  to_in_progress();
  int answers = 0;
  for (; !durable().final && answers < 100; ++answers)
    reports(UploadStatus::expired);
  BOOST_TEST(answers == 21);
  BOOST_TEST((durable().why == Why::expired_without_statements));
}

BOOST_AUTO_TEST_CASE(a_doubt_about_the_session_status_does_not_confirm_an_expiry) {
  to_processing().answers(Trigger::progress_finished);
  for (int i = 0; i < 20; ++i)
    answers_status(1, 0, InsightsAvailable::no);
  answers(Trigger::not_requested).reports(UploadStatus::expired).reports(UploadStatus::expired);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST((durable().why == Why::end_doubted));
}

BOOST_AUTO_TEST_CASE(an_operator_who_asks_for_processing_is_not_kept_waiting_by_a_doubt) {
  policy.auto_process = false;
  submit().reports(UploadStatus::completed, 1).tell(Trigger::process).reports(UploadStatus::expired);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_held_expired_session_is_initiated_after_its_release) {
  submit(true)
      .reports(UploadStatus::expired, 1)
      .tell(Trigger::release)
      .reports(UploadStatus::expired, 1)
      .ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(an_expired_session_is_asked_about_again_after_a_long_downtime) {
  to_expired_intent().restart(std::chrono::days(40));
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_expired_answer_without_an_account_list_keeps_the_known_statements) {
  to_in_progress().ask();
  Event event;
  event.trigger = Trigger::upload_expired;
  event.upload.status = UploadStatus::expired;
  event.upload.lists_accounts = false;
  tell(event);
  BOOST_TEST(!durable().final);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(an_expired_session_reported_open_stays_expired_and_records_an_anomaly) {
  for (const auto status : {UploadStatus::no_uploads, UploadStatus::in_progress}) {
    Story story;
    story.submit(true).reports(UploadStatus::expired, 1).tell(Trigger::poll).reports(status, 1);
    BOOST_TEST(story.state() == State::expired);
    BOOST_TEST((story.durable().anomalies & kExpiredThenOpen) != 0);
  }
}

BOOST_AUTO_TEST_CASE(an_expired_session_reported_completed_stays_expired_and_is_initiated) {
  to_expired_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_held_expired_session_reported_completed_is_not_initiated) {
  submit(true).reports(UploadStatus::expired, 1).tell(Trigger::poll).reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST((durable().requested_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(process_reopens_a_final_expired_session_even_without_statements) {
  to_expired_final().tell(Trigger::process);
  BOOST_TEST(!durable().final);
  reports(UploadStatus::expired, 0).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(retention_of_an_expired_session_starts_when_it_becomes_final) {
  submit(true).reports(UploadStatus::expired, 1).ask().tell(Trigger::not_requested, Call::progress);
  BOOST_TEST((durable().final_at == now.elapsed));
  BOOST_TEST((durable().since < now.wall));
  tell(Trigger::retry);
  BOOST_TEST((durable().final_at == kNoElapsed));
}

BOOST_AUTO_TEST_CASE(retry_reopens_an_expired_session_and_follows_the_next_answer) {
  to_expired_final().tell(Trigger::retry);
  BOOST_TEST(!durable().final);
  BOOST_TEST(last.persist.transition->cause == Cause::command);
  reports(UploadStatus::expired, 0);
  BOOST_TEST(durable().final);
}

BOOST_AUTO_TEST_CASE(a_completed_session_reported_expired_becomes_expired) {
  policy.settle = 10s;
  submit().reports(UploadStatus::completed, 1).reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
