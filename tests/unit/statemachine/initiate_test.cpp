// The irreversible step: when initiate is sent, on what evidence, and what its answers mean.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(initiate, Story)

BOOST_AUTO_TEST_CASE(the_intent_is_persisted_before_initiate_is_sent) {
  to_intent();
  BOOST_TEST(state() == State::completed);
  BOOST_TEST((durable().requested_at != kNoWall));
  BOOST_TEST(last.persist.session);
  BOOST_TEST(sends() == nothing);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(evidence_older_than_ten_seconds_is_renewed_before_initiate) {
  to_intent().pass(10'001ms).tell(Trigger::due);
  BOOST_TEST(sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(evidence_of_exactly_ten_seconds_allows_initiate) {
  to_intent().pass(10s).tell(Trigger::due);
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(the_age_of_evidence_includes_the_time_its_answer_may_have_lain_unread) {
  Event completed;
  completed.trigger = Trigger::upload_completed;
  completed.upload = {UploadStatus::completed, 1, 1, 1, kNoWall};
  completed.age = 8s;
  submit().ask().tell(completed).pass(2001ms).tell(Trigger::due);
  BOOST_TEST(sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(evidence_ages_while_the_machine_is_suspended) {
  to_intent();
  now.wall += 1h;
  now.elapsed += 1h;
  tell(Trigger::due);
  BOOST_TEST(sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_initiate_not_sent_before_its_deadline_is_followed_by_upload_status) {
  to_intent().ask().tell(Trigger::not_sent, Call::initiate);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_accepted_initiate_leads_to_processing) {
  to_processing();
  BOOST_TEST(state() == State::processing);
  BOOST_TEST((durable().accepted_at != kNoWall));
  BOOST_TEST(!durable().requested_elsewhere);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(a_duplicate_at_the_first_attempt_means_requested_elsewhere) {
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(durable().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(after_a_duplicate_progress_is_polled_at_full_rate_although_webhooks_are_healthy) {
  conditions.webhooks = WebhookHealth::healthy;
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST((until_due() == policy.progress_interval));
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_an_unknown_outcome_means_requested_by_this_daemon) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_a_call_that_was_never_sent_means_requested_elsewhere) {
  to_intent().ask();
  Event event;
  event.trigger = Trigger::passing_fault;
  event.call = Call::initiate;
  event.may_have_arrived = false;
  tell(event).reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(durable().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_a_crash_before_the_answer_means_requested_by_this_daemon) {
  to_intent().ask();
  restart();
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(an_initiate_of_unknown_outcome_is_not_repeated_without_new_evidence) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(transient_faults_of_initiate_back_off_although_upload_status_succeeds) {
  to_intent();
  Duration waited = Duration::zero();
  for (int i = 0; i < 10; ++i) {
    ask();
    BOOST_TEST(sends() == Call::initiate);
    tell(Trigger::passing_fault, Call::initiate);
    waited = until_due();
    reports(UploadStatus::completed, 1);
  }
  BOOST_TEST(waited.count() >= 15'000);
}

BOOST_AUTO_TEST_CASE(repeated_refusals_of_initiate_fail_the_session_although_upload_status_succeeds) {
  to_intent();
  for (int i = 0; i < 4; ++i) {
    BOOST_TEST_REQUIRE(!durable().final);
    ask().tell(Trigger::refused, Call::initiate);
    if (!durable().final) reports(UploadStatus::completed, 1);
  }
  BOOST_TEST(durable().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(initiate_not_found_past_the_grace_fails_the_session_although_upload_status_succeeds) {
  to_intent();
  int rounds = 0;
  while (!durable().final && ++rounds < 10'000) {
    ask().tell(Trigger::session_not_found, Call::initiate);
    if (!durable().final) reports(UploadStatus::completed, 1);
  }
  BOOST_TEST(durable().reason == Reason::session_not_found);
  BOOST_TEST(rounds < 300);
}

BOOST_AUTO_TEST_CASE(contradictory_reports_of_a_completed_session_keep_the_usual_poll_interval) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() >= 5000);
  reports(UploadStatus::unknown);
  BOOST_TEST(until_due().count() >= 5000);
}

BOOST_AUTO_TEST_CASE(unparsable_statements_fail_the_session) {
  to_intent().ask().tell(Trigger::unparsable, Call::initiate);
  BOOST_TEST(durable().reason == Reason::unparsable_statements);
}

BOOST_AUTO_TEST_CASE(initiate_waits_for_the_settle_time_and_another_completed_answer) {
  policy.settle = 20s;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().why == Why::settling));
  pass(19s).tell(Trigger::poll).reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().requested_at == kNoWall));
  BOOST_TEST(until_due().count() == 1000);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(without_auto_process_initiate_waits_for_the_process_command) {
  policy.auto_process = false;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().why == Why::awaiting_operator));
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).tell(Trigger::process);
  BOOST_TEST((last.row != nullptr));
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::completed, 1).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_held_session_is_initiated_only_after_its_release) {
  submit(true).reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().why == Why::held));
  tell(Trigger::release).reports(UploadStatus::completed, 1).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(hold_is_accepted_until_initiate_is_sent) {
  to_intent().tell(Trigger::hold);
  BOOST_TEST((last.row != nullptr));
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().why == Why::held));
}

BOOST_AUTO_TEST_CASE(hold_is_refused_once_initiate_is_sent) {
  to_intent().ask().tell(Trigger::hold);
  BOOST_TEST((last.row == nullptr));
  to_processing().tell(Trigger::hold);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(hold_before_completion_prevents_initiate) {
  to_in_progress().tell(Trigger::hold).reports(UploadStatus::completed, 1);
  BOOST_TEST((durable().requested_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(process_is_refused_before_uploads_are_complete_and_after_processing_began) {
  submit().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
  to_in_progress().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
  to_processing().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(a_process_command_is_dropped_when_the_user_resumes_uploading) {
  policy.auto_process = false;
  submit().reports(UploadStatus::completed, 1).tell(Trigger::process).reports(UploadStatus::in_progress, 1);
  reports(UploadStatus::completed, 2);
  BOOST_TEST((durable().why == Why::awaiting_operator));
}

BOOST_AUTO_TEST_SUITE_END()

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
