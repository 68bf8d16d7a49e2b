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

BOOST_FIXTURE_TEST_SUITE(restored_copies, Story)

BOOST_AUTO_TEST_CASE(nothing_is_initiated_while_a_restored_copy_waits_for_an_operator) {
  conditions.initiate_paused = true;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST((durable().why == Why::awaiting_resume));
  BOOST_TEST((durable().requested_at == kNoWall));
  tell(Trigger::process).reports(UploadStatus::completed, 1);
  BOOST_TEST((session.in_memory.next_call == Call::upload_status));
  submit().reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(!durable().final);
  BOOST_TEST((durable().why == Why::expired_awaiting_resume));
}

BOOST_AUTO_TEST_CASE(what_waits_for_resume_is_not_given_up) {
  conditions.initiate_paused = true;
  submit().reports(UploadStatus::completed, 1).pass(std::chrono::days(40));
  reports(UploadStatus::completed, 1);
  BOOST_TEST(!durable().final);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_expired_session_that_waits_for_resume_is_asked_at_the_interval_of_uploads) {
  conditions.initiate_paused = true;
  submit().reports(UploadStatus::expired, 1).pass(std::chrono::days(40));
  reports(UploadStatus::expired, 1);
  BOOST_TEST(!durable().final);
  BOOST_TEST(until_due() >= policy.upload_interval_min);
}

BOOST_AUTO_TEST_CASE(a_resumed_session_is_asked_at_once_and_initiated) {
  for (const UploadStatus status : {UploadStatus::completed, UploadStatus::expired}) {
    conditions.initiate_paused = true;
    submit().reports(status, 1);
    conditions.initiate_paused = false;
    tell(Trigger::resumed);
    BOOST_TEST(until_due().count() == 0);
    reports(status, 1);
    BOOST_TEST(ask().sends() == Call::initiate);
  }
}

BOOST_AUTO_TEST_CASE(who_requested_the_processing_of_a_restored_session_is_not_known) {
  submit();
  session.durable.restored = true;
  reports(UploadStatus::completed, 1).ask();
  tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().requested_elsewhere);
  BOOST_TEST(durable().requester_unknown);
  BOOST_TEST((durable().why == Why::requested_by_unknown));
}

BOOST_AUTO_TEST_CASE(a_restored_session_that_this_daemon_initiates_is_its_own) {
  submit();
  session.durable.restored = true;
  reports(UploadStatus::completed, 1).ask();
  tell(Trigger::accepted, Call::initiate);
  BOOST_TEST(!durable().requester_unknown);
  BOOST_TEST((durable().why == Why::processing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
