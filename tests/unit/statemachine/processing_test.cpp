// From PROCESSING to ENRICHED, and every way in which that fails. Operators' commands and restarts.
#include "statemachine/why.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(processing, Story)

BOOST_AUTO_TEST_CASE(progress_calls_start_two_seconds_apart) {
  to_processing().ask();
  const Steady asked = session.in_memory.asked_at;
  pass(300ms).tell(Trigger::still_processing, Call::progress);
  BOOST_TEST((session.in_memory.due - asked).count() == 2000);
}

BOOST_AUTO_TEST_CASE(
    a_webhook_that_comes_during_the_last_question_is_asked_about_before_the_session_is_given_up) {
  to_processing().pass(24h + 10min).ask();
  tell(Trigger::hint);
  tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(ask().sends() == Call::progress);
  tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(durable().reason == Reason::processing_timeout);
}

BOOST_AUTO_TEST_CASE(webhooks_keep_a_session_from_being_given_up_for_an_hour_at_most) {
  to_processing().pass(24h + 10min).ask();
  tell(Trigger::hint);
  tell(Trigger::still_processing, Call::progress);
  pass(1h).ask();
  tell(Trigger::hint);
  tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(durable().reason == Reason::processing_timeout);
}

BOOST_AUTO_TEST_CASE(after_an_answer_slower_than_the_interval_the_next_call_is_due_at_once) {
  to_processing().ask().pass(5s).tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(finished_processing_fetches_and_stores_session_status_and_then_insights) {
  to_processing().answers(Trigger::progress_finished);
  BOOST_TEST(ask().sends() == Call::session_status);
  answers_status(1, 0);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(ask().sends() == Call::insights);
  tell(Trigger::insights_fetched, Call::insights);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(durable().final);
  BOOST_TEST(durable().outcome == Outcome::complete);
}

BOOST_AUTO_TEST_CASE(some_failed_accounts_make_the_outcome_partial) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 1).answers(Trigger::insights_fetched);
  BOOST_TEST(durable().outcome == Outcome::partial);
  BOOST_TEST((durable().why == Why::enriched_partly));
}

BOOST_AUTO_TEST_CASE(a_session_whose_accounts_all_failed_is_failed_with_its_session_status_stored) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 2);
  BOOST_TEST(durable().reason == Reason::accounts_failed);
  BOOST_TEST(last.persist.payload);
}

BOOST_AUTO_TEST_CASE(unavailable_insights_fail_a_session_without_a_completed_account) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 1, InsightsAvailable::no);
  BOOST_TEST(durable().reason == Reason::accounts_failed);
}

BOOST_AUTO_TEST_CASE(unavailable_insights_beside_a_completed_account_are_asked_about_again_and_may_be_there) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 1, InsightsAvailable::no);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST((durable().why == Why::end_doubted));
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST(until_due().count() == 30'000);
  BOOST_TEST(ask().sends() == Call::session_status);
  answers_status(2, 1, InsightsAvailable::yes);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST((durable().doubted_since == kNoElapsed));
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(unavailable_insights_are_believed_once_every_answer_said_so_for_ten_minutes) {
  to_processing().answers(Trigger::progress_finished);
  int answers = 0;
  for (; state() == State::processing && answers < 100; ++answers)
    answers_status(2, 1, InsightsAvailable::no);
  BOOST_TEST(answers == 21);
  BOOST_TEST(durable().reason == Reason::accounts_failed);
  BOOST_TEST(last.persist.payload);
}

BOOST_AUTO_TEST_CASE(the_doubt_about_an_end_goes_on_across_a_restart) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 1, InsightsAvailable::no);
  restart(10min).answers(Trigger::progress_finished);
  int answers = 0;
  for (; state() == State::processing && answers < 100; ++answers)
    answers_status(2, 1, InsightsAvailable::no);
  BOOST_TEST(answers == 10);
  BOOST_TEST(durable().reason == Reason::accounts_failed);
}

BOOST_AUTO_TEST_CASE(a_doubted_end_after_an_hour_without_answers_is_not_confirmed_by_the_next_one) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 1, InsightsAvailable::no);
  pass(1h).answers_status(2, 1, InsightsAvailable::no);
  BOOST_TEST(state() == State::processing);
}

BOOST_AUTO_TEST_CASE(failed_accounts_are_not_the_end_while_others_are_missing_from_the_list) {
  Story story;
  story.submit().reports(UploadStatus::completed, 2, 2).ask().tell(Trigger::accepted, Call::initiate);
  story.answers(Trigger::progress_finished).answers_status(1, 1);
  BOOST_TEST(story.state() == State::processing);
  story.answers_status(2, 1);
  BOOST_TEST(story.ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(insights_reported_available_are_fetched_even_without_accounts) {
  to_processing().answers(Trigger::progress_finished).answers_status(0, 0, InsightsAvailable::yes);
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(session_status_answered_not_completed_leads_back_to_progress) {
  to_processing().answers(Trigger::progress_finished).answers(Trigger::not_completed);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(a_stalled_session_is_flagged_polled_less_often_and_can_still_finish) {
  to_processing().pass(30min).answers(Trigger::still_processing);
  BOOST_TEST(durable().stalled);
  BOOST_TEST(last.persist.session);
  pass(1h).answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 30'000);
  answers(Trigger::progress_finished).answers_status(1, 0).answers(Trigger::insights_fetched);
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(!durable().stalled);
}

BOOST_AUTO_TEST_CASE(a_stalled_session_is_polled_less_often_whatever_its_answers_are) {
  for (const auto trigger :
       {Trigger::progress_unknown, Trigger::not_completed, Trigger::passing_fault, Trigger::slow_down}) {
    Story story;
    story.to_processing().pass(30min).answers(trigger);
    BOOST_TEST(story.durable().stalled, to_string(trigger));
    story.answers(trigger);
    BOOST_TEST(story.until_due().count() >= 15'000, to_string(trigger));
  }
}

BOOST_AUTO_TEST_CASE(a_request_forgotten_upstream_is_repeated_after_a_delay) {
  to_processing().answers(Trigger::not_requested);
  BOOST_TEST(until_due().count() >= 2000);
}

BOOST_AUTO_TEST_CASE(processing_past_its_timeout_fails_on_any_answer_that_is_not_an_end) {
  for (const auto trigger : {Trigger::still_processing, Trigger::progress_unknown, Trigger::not_completed}) {
    Story story;
    story.to_processing().pass(24h).answers(trigger);
    BOOST_TEST(story.durable().reason == Reason::processing_timeout);
  }
}

BOOST_AUTO_TEST_CASE(failing_progress_calls_alone_never_fail_a_session) {
  to_processing();
  for (int i = 0; i < 100; ++i)
    pass(1h).answers(Trigger::passing_fault);
  BOOST_TEST(state() == State::processing);
  answers(Trigger::progress_finished);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_forward_does_not_time_out_processing) {
  to_processing().jump(std::chrono::days(3650)).answers(Trigger::still_processing);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().stalled);
}

BOOST_AUTO_TEST_CASE(an_unknown_progress_value_changes_no_state_and_is_recorded_as_an_anomaly) {
  to_processing().answers(Trigger::progress_unknown);
  BOOST_TEST(last.anomalies == kUnknownProgress);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(
    a_request_that_is_forgotten_every_time_is_repeated_for_the_grace_then_the_session_fails) {
  to_processing();
  const Elapsed began = now.elapsed;
  int repeated = 0;
  for (; repeated < 1000; ++repeated) {
    answers(Trigger::not_requested);
    if (durable().final) break;
    BOOST_TEST(state() == State::completed);
    BOOST_TEST((durable().anomalies & kRequestForgotten) != 0);
    reports(UploadStatus::completed, 1).ask();
    BOOST_TEST(sends() == Call::initiate);
    tell(Trigger::accepted, Call::initiate);
  }
  BOOST_TEST(durable().reason == Reason::refused);
  BOOST_TEST((now.elapsed - began >= policy.not_found_grace));
  BOOST_TEST(repeated > 10);
  BOOST_TEST(repeated < 40);
}

BOOST_AUTO_TEST_CASE(what_shows_that_the_request_is_known_begins_the_count_anew) {
  for (const auto knows : {Trigger::still_processing, Trigger::not_completed, Trigger::progress_finished}) {
    Story story;
    story.to_processing();
    for (int i = 0; i < 50; ++i) {
      story.answers(Trigger::not_requested);
      BOOST_TEST(story.state() == State::completed);
      story.reports(UploadStatus::completed, 1).ask().tell(Trigger::duplicate, Call::initiate);
      story.pass(10min).answers(knows);
      BOOST_TEST(story.durable().reinitiates == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_host_that_is_behind_for_75_seconds_ends_no_session) {
  to_processing();
  const Elapsed behind_until = now.elapsed + 75s;
  while (now.elapsed < behind_until) {
    answers(Trigger::not_requested);
    reports(UploadStatus::completed, 1).ask().tell(Trigger::accepted, Call::initiate);
  }
  answers(Trigger::progress_finished).answers_status(1, 0).answers(Trigger::insights_fetched);
  BOOST_TEST(state() == State::enriched);
}

BOOST_AUTO_TEST_CASE(transient_faults_of_progress_are_retried_after_2_to_30_seconds) {
  to_processing();
  for (int i = 0; i < 20; ++i) {
    answers(Trigger::passing_fault);
    BOOST_TEST(until_due().count() >= 2000);
    BOOST_TEST(until_due().count() <= 30'000);
  }
}

BOOST_AUTO_TEST_CASE(after_a_restart_progress_is_due_within_one_interval) {
  to_processing().restart(1h);
  BOOST_TEST(until_due().count() >= 0);
  BOOST_TEST(until_due().count() < 2000);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(repeated_refusals_of_progress_fail_the_session) {
  to_processing();
  for (int i = 0; i < 4; ++i)
    answers(Trigger::refused);
  BOOST_TEST(durable().reason == Reason::refused);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(operators, Story)

BOOST_AUTO_TEST_CASE(a_poll_command_makes_a_call_due_at_once_and_is_the_cause_of_its_transition) {
  submit().reports(UploadStatus::no_uploads).tell(Trigger::poll);
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::command);
}

BOOST_AUTO_TEST_CASE(a_poll_command_is_not_the_cause_of_a_call_already_in_flight) {
  submit().ask().tell(Trigger::poll).reports(UploadStatus::in_progress, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::poll);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::command);
}

BOOST_AUTO_TEST_CASE(two_anomalies_of_one_answer_are_both_recorded) {
  expires_at = now.wall + 1h;
  submit(true).reports(UploadStatus::completed, 1).tell(Trigger::poll).ask();
  Event event;
  event.trigger = Trigger::upload_none;
  event.upload = {UploadStatus::no_uploads, 1, 1, 7, expires_at};
  tell(event);
  BOOST_TEST(last.anomalies == (kCompletedThenNoUploads | kContradictsRules));
}

BOOST_AUTO_TEST_CASE(retry_reopens_a_session_in_the_state_in_which_it_failed) {
  to_in_progress().answers(Trigger::session_deleted).tell(Trigger::retry);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(durable().reason == Reason::none);
  BOOST_TEST(ask().sends() == Call::upload_status);

  to_processing().answers(Trigger::session_deleted).tell(Trigger::retry);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(retry_restarts_the_processing_timeout) {
  to_processing().pass(24h).answers(Trigger::still_processing);
  BOOST_TEST_REQUIRE(durable().final);
  tell(Trigger::retry).answers(Trigger::still_processing);
  BOOST_TEST(!durable().final);
}

BOOST_AUTO_TEST_CASE(final_sessions_react_to_nothing_but_retry) {
  to_processing().answers(Trigger::session_deleted);
  const Durable before = durable();
  for (const auto trigger : {Trigger::due, Trigger::recovered, Trigger::hint, Trigger::hold, Trigger::release,
                             Trigger::process, Trigger::poll, Trigger::still_processing, Trigger::accepted}) {
    tell(trigger);
    BOOST_TEST((last.row == nullptr), to_string(trigger));
    BOOST_TEST((durable() == before), to_string(trigger));
  }
}

BOOST_AUTO_TEST_CASE(an_enriched_session_cannot_be_retried) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0).answers(Trigger::insights_fetched);
  tell(Trigger::retry);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(insights_with_an_error_beside_them_are_stored_as_partial) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 0).answers_insights(true, false);
  BOOST_TEST(durable().state == State::enriched);
  BOOST_TEST(durable().outcome == Outcome::partial);
  BOOST_TEST(durable().anomalies == kErrorBesideData);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(explain(durable(), {"STATEMENT_MISSING", {}}).text.ends_with("STATEMENT_MISSING."));
}

BOOST_AUTO_TEST_CASE(an_error_beside_the_session_status_makes_the_insights_partial) {
  to_processing().answers(Trigger::progress_finished);
  ask();
  Event event;
  event.trigger = Trigger::session_status_fetched;
  event.call = Call::session_status;
  event.processing = {1, 0, InsightsAvailable::yes};
  event.error_beside_data = true;
  tell(event);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(durable().anomalies == kErrorBesideData);
  answers(Trigger::insights_fetched);
  BOOST_TEST(durable().outcome == Outcome::partial);
}

BOOST_AUTO_TEST_CASE(insights_without_an_account_are_asked_for_again_while_one_may_follow) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0).answers_insights(false, true);
  BOOST_TEST(durable().state == State::processing);
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST((session.in_memory.next_call == Call::insights));
  const Duration first = until_due();
  answers_insights(false, true);
  answers_insights(false, true);
  BOOST_TEST(until_due().count() > first.count());
  answers(Trigger::insights_fetched);
  BOOST_TEST(durable().state == State::enriched);
  BOOST_TEST(durable().outcome == Outcome::complete);
  BOOST_TEST(durable().anomalies == kNoAnomaly);
}

BOOST_AUTO_TEST_CASE(an_error_beside_insights_that_were_not_kept_does_not_count) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0).answers_insights(true, true);
  answers(Trigger::insights_fetched);
  BOOST_TEST(durable().outcome == Outcome::complete);
}

BOOST_AUTO_TEST_CASE(insights_that_never_list_an_account_are_kept_and_the_session_is_partial) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0);
  const Steady began = now.steady;
  for (int i = 0; i < policy.empty_fetches; ++i)
    BOOST_TEST(!answers_insights(false, true).durable().final);
  answers_insights(false, true);
  BOOST_TEST(durable().state == State::enriched);
  BOOST_TEST(durable().outcome == Outcome::partial);
  BOOST_TEST(durable().anomalies == kNoAccountsInInsights);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST((now.steady - began > 30s));
  BOOST_TEST((now.steady - began < 3min));
}

BOOST_AUTO_TEST_CASE(insights_without_an_account_are_kept_at_once_when_none_completed) {
  to_processing().answers(Trigger::progress_finished).answers_status(0, 0).answers_insights(false, true);
  BOOST_TEST(durable().state == State::enriched);
  BOOST_TEST(durable().anomalies == kNoAnomaly);
}

BOOST_AUTO_TEST_CASE(a_restart_restores_the_durable_state_unchanged) {
  to_in_progress();
  const Durable before = durable();
  restart();
  BOOST_TEST((durable() == before));
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(every_why_and_every_failure_reason_has_an_explanation) {
  BOOST_TEST(to_string(static_cast<Why>(static_cast<int>(kLastWhy) + 1)).empty());
  for (int why = 0; why <= static_cast<int>(kLastWhy); ++why) {
    Durable record;
    record.why = static_cast<Why>(why);
    if (record.why == Why::failed) record.reason = Reason::session_deleted;
    const Explanation explanation = explain(record, {});
    BOOST_TEST(!explanation.rule.empty());
    BOOST_TEST(explanation.text.ends_with('.'), explanation.rule);
  }
  for (int reason = 1; reason <= static_cast<int>(Reason::refused); ++reason) {
    Durable record;
    record.why = Why::failed;
    record.reason = static_cast<Reason>(reason);
    BOOST_TEST(explain(record, {"SOME_CODE", {}}).text.ends_with('.'), to_string(record.reason));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
