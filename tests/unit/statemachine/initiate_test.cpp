// The irreversible step: when initiate is asked, on what evidence, and what its answers mean.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(initiate, Story)

BOOST_AUTO_TEST_CASE(completed_makes_the_intent_durable_before_initiate_can_be_sent) {
  to_intent();
  BOOST_TEST(state() == State::completed);
  BOOST_TEST((kept().requested_at != kNoWall));
  BOOST_TEST(last.persist.session);
  BOOST_TEST(sends() == nothing);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(evidence_older_than_ten_seconds_is_asked_for_again_first) {
  to_intent().pass(10'001ms).tell(Trigger::due);
  BOOST_TEST(sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(evidence_of_ten_seconds_still_counts) {
  to_intent().pass(10s).tell(Trigger::due);
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(an_answer_that_lay_unread_is_as_old_as_it_may_be) {
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
  now.reckoned += 1h;
  tell(Trigger::due);
  BOOST_TEST(sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(a_call_that_could_not_be_written_in_time_leads_back_to_the_question) {
  to_intent().ask().tell(Trigger::not_sent, Call::initiate);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_accepted_request_is_processing) {
  to_processing();
  BOOST_TEST(state() == State::processing);
  BOOST_TEST((kept().accepted_at != kNoWall));
  BOOST_TEST(!kept().requested_elsewhere);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(a_duplicate_at_the_first_attempt_means_somebody_else_asked) {
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(kept().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(after_a_duplicate_progress_is_asked_soon_because_its_webhook_may_have_gone_by) {
  policy.webhook_health = WebhookHealth::healthy;
  to_intent().ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST((until_due() == policy.progress_interval));
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_an_unknown_outcome_means_we_did) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  BOOST_TEST(state() == State::completed);
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!kept().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_a_call_that_was_never_sent_means_somebody_else_asked) {
  to_intent().ask();
  Event event;
  event.trigger = Trigger::passing_fault;
  event.call = Call::initiate;
  event.may_have_arrived = false;
  tell(event).reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(kept().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_a_crash_between_intent_and_answer_means_we_did) {
  to_intent().ask();
  restart();
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!kept().requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(an_unknown_outcome_is_never_repeated_on_old_evidence) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_initiate_that_keeps_failing_is_asked_less_and_less_often) {
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

BOOST_AUTO_TEST_CASE(an_initiate_that_is_refused_every_time_fails_although_the_status_can_be_asked) {
  to_intent();
  for (int i = 0; i < 4; ++i) {
    BOOST_TEST_REQUIRE(!kept().final);
    ask().tell(Trigger::refused, Call::initiate);
    if (!kept().final) reports(UploadStatus::completed, 1);
  }
  BOOST_TEST(kept().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(an_initiate_that_finds_no_session_fails_after_the_grace_although_the_status_is_found) {
  to_intent();
  int rounds = 0;
  while (!kept().final && ++rounds < 10'000) {
    ask().tell(Trigger::session_not_found, Call::initiate);
    if (!kept().final) reports(UploadStatus::completed, 1);
  }
  BOOST_TEST(kept().reason == Reason::session_not_found);
  BOOST_TEST(rounds < 300);
}

BOOST_AUTO_TEST_CASE(a_completed_session_that_reports_oddly_is_asked_at_the_usual_pace) {
  to_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::no_uploads);
  BOOST_TEST(until_due().count() >= 5000);
  reports(UploadStatus::unknown);
  BOOST_TEST(until_due().count() >= 5000);
}

BOOST_AUTO_TEST_CASE(unparsable_statements_are_final) {
  to_intent().ask().tell(Trigger::unparsable, Call::initiate);
  BOOST_TEST(kept().reason == Reason::unparsable_statements);
}

BOOST_AUTO_TEST_CASE(settle_waits_asks_again_and_only_then_initiates) {
  policy.settle = 20s;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().why == Why::settling));
  pass(19s).tell(Trigger::poll).reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().requested_at == kNoWall));
  BOOST_TEST(until_due().count() == 1000);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(automatic_processing_can_be_turned_off_and_waits_for_the_command) {
  policy.auto_process = false;
  submit().reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().why == Why::awaiting_operator));
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1).tell(Trigger::process);
  BOOST_TEST((last.row != nullptr));
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::completed, 1).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(a_held_session_waits_until_it_is_released) {
  submit(true).reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().why == Why::held));
  tell(Trigger::release).reports(UploadStatus::completed, 1).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(holding_is_in_time_as_long_as_initiate_has_not_left) {
  to_intent().tell(Trigger::hold);
  BOOST_TEST((last.row != nullptr));
  BOOST_TEST(ask().sends() == Call::upload_status);
  reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().why == Why::held));
}

BOOST_AUTO_TEST_CASE(holding_comes_too_late_once_initiate_has_left) {
  to_intent().ask().tell(Trigger::hold);
  BOOST_TEST((last.row == nullptr));
  to_processing().tell(Trigger::hold);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(holding_before_completion_prevents_initiate) {
  to_in_progress().tell(Trigger::hold).reports(UploadStatus::completed, 1);
  BOOST_TEST((kept().requested_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(process_is_refused_before_uploads_are_complete_and_after_processing_began) {
  submit().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
  to_in_progress().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
  to_processing().tell(Trigger::process);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(a_wish_to_process_ends_when_the_user_goes_on_uploading) {
  policy.auto_process = false;
  submit().reports(UploadStatus::completed, 1).tell(Trigger::process).reports(UploadStatus::in_progress, 1);
  reports(UploadStatus::completed, 2);
  BOOST_TEST((kept().why == Why::awaiting_operator));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(expired, Story)

BOOST_AUTO_TEST_CASE(without_a_statement_it_is_final) {
  to_expired_final();
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(kept().final);
  BOOST_TEST((kept().why == Why::expired_without_statements));
  BOOST_TEST((session.live.due == kNever));
}

BOOST_AUTO_TEST_CASE(with_a_statement_initiate_is_tried_once) {
  to_expired_intent();
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(!kept().final);
  BOOST_TEST(ask().sends() == Call::initiate);
  tell(Trigger::refused, Call::initiate);
  BOOST_TEST(kept().final);
  BOOST_TEST(last.persist.transition->final);
  BOOST_TEST((kept().why == Why::expired_refused));
}

BOOST_AUTO_TEST_CASE(accepted_it_is_processed_like_any_other) {
  to_expired_intent().ask().tell(Trigger::accepted, Call::initiate);
  BOOST_TEST(state() == State::processing);
}

BOOST_AUTO_TEST_CASE(policy_may_forbid_to_try) {
  policy.expired_sessions = ExpiredSessions::stop;
  submit().reports(UploadStatus::expired, 1);
  BOOST_TEST(kept().final);
  BOOST_TEST((kept().why == Why::expired_not_processed));
}

BOOST_AUTO_TEST_CASE(a_held_one_waits_and_is_given_up_in_the_end) {
  submit(true).reports(UploadStatus::expired, 1);
  BOOST_TEST(!kept().final);
  BOOST_TEST((kept().why == Why::expired_held));
  ask();
  BOOST_TEST(sends() == nothing);
  BOOST_TEST(kept().final);
  BOOST_TEST((kept().why == Why::expired_given_up));
}

BOOST_AUTO_TEST_CASE(a_held_one_with_a_known_expiry_is_given_up_without_asking_in_circles) {
  expires_at = now.wall + std::chrono::days(3);
  submit(true).pass(std::chrono::days(3) + 1min).reports(UploadStatus::expired, 1);
  ask();
  BOOST_TEST(kept().final);
}

BOOST_AUTO_TEST_CASE(a_held_one_is_tried_when_released) {
  submit(true)
      .reports(UploadStatus::expired, 1)
      .tell(Trigger::release)
      .reports(UploadStatus::expired, 1)
      .ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(one_that_was_not_followed_for_long_is_still_asked_about_once) {
  to_expired_intent().restart(std::chrono::days(40));
  BOOST_TEST(ask().sends() == Call::upload_status);
}

BOOST_AUTO_TEST_CASE(an_answer_without_the_list_of_accounts_does_not_make_its_statements_vanish) {
  to_in_progress().ask();
  Event event;
  event.trigger = Trigger::upload_expired;
  event.upload.status = UploadStatus::expired;
  event.upload.lists_accounts = false;
  tell(event);
  BOOST_TEST(!kept().final);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(it_does_not_open_again) {
  for (const auto status : {UploadStatus::no_uploads, UploadStatus::in_progress}) {
    Story story;
    story.submit(true).reports(UploadStatus::expired, 1).tell(Trigger::poll).reports(status, 1);
    BOOST_TEST(story.state() == State::expired);
    BOOST_TEST((story.kept().anomalies & kExpiredThenOpen) != 0);
  }
}

BOOST_AUTO_TEST_CASE(reported_completed_it_is_initiated_without_going_back) {
  to_expired_intent().ask().tell(Trigger::passing_fault, Call::initiate);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST(ask().sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(reported_completed_while_held_it_goes_on_waiting) {
  submit(true).reports(UploadStatus::expired, 1).tell(Trigger::poll).reports(UploadStatus::completed, 1);
  BOOST_TEST(state() == State::expired);
  BOOST_TEST((kept().requested_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(an_operator_may_process_a_final_one_even_without_statements) {
  to_expired_final().tell(Trigger::process);
  BOOST_TEST(!kept().final);
  reports(UploadStatus::expired, 0).ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_CASE(retention_runs_from_the_end_of_trying_not_from_the_expiry) {
  submit(true).reports(UploadStatus::expired, 1).ask();
  BOOST_TEST((kept().final_at == now.reckoned));
  BOOST_TEST((kept().since < now.wall));
  tell(Trigger::retry);
  BOOST_TEST((kept().final_at == kNoReckoned));
}

BOOST_AUTO_TEST_CASE(retry_asks_anew_and_ends_where_the_answer_leads) {
  to_expired_final().tell(Trigger::retry);
  BOOST_TEST(!kept().final);
  BOOST_TEST(last.persist.transition->cause == Cause::operator_);
  reports(UploadStatus::expired, 0);
  BOOST_TEST(kept().final);
}

BOOST_AUTO_TEST_CASE(a_completed_session_that_expires_is_expired) {
  policy.settle = 10s;
  submit().reports(UploadStatus::completed, 1).reports(UploadStatus::expired, 1);
  BOOST_TEST(state() == State::expired);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
