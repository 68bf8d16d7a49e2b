// From PROCESSING to ENRICHED, and every way in which that fails. Hints, operators, restarts.
#include "statemachine/why.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(processing, Story)

BOOST_AUTO_TEST_CASE(progress_is_asked_every_two_seconds_start_to_start) {
  to_processing().ask();
  const Steady asked = session.live.asked_at;
  pass(300ms).tell(Trigger::still_processing, Call::progress);
  BOOST_TEST((session.live.due - asked).count() == 2000);
}

BOOST_AUTO_TEST_CASE(an_answer_slower_than_the_interval_is_followed_by_the_next_question_at_once) {
  to_processing().ask().pass(5s).tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_CASE(when_it_ends_session_status_and_insights_are_fetched_and_stored_in_turn) {
  to_processing().answers(Trigger::progress_finished);
  BOOST_TEST(ask().sends() == Call::session_status);
  answers_status(1, 0);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(ask().sends() == Call::insights);
  tell(Trigger::insights_fetched, Call::insights);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(kept().final);
  BOOST_TEST(kept().outcome == Outcome::complete);
}

BOOST_AUTO_TEST_CASE(some_failed_accounts_make_it_partial) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 1).answers(Trigger::insights_fetched);
  BOOST_TEST(kept().outcome == Outcome::partial);
  BOOST_TEST((kept().why == Why::enriched_partly));
}

BOOST_AUTO_TEST_CASE(all_failed_accounts_make_it_failed_with_the_status_stored) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 2);
  BOOST_TEST(kept().reason == Reason::accounts_failed);
  BOOST_TEST(last.persist.payload);
}

BOOST_AUTO_TEST_CASE(insights_that_are_not_available_make_it_failed) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0, InsightsAvailable::no);
  BOOST_TEST(kept().reason == Reason::accounts_failed);
}

BOOST_AUTO_TEST_CASE(insights_said_to_be_available_are_fetched_even_without_accounts) {
  to_processing().answers(Trigger::progress_finished).answers_status(0, 0, InsightsAvailable::yes);
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(not_completed_after_all_leads_back_to_progress) {
  to_processing().answers(Trigger::progress_finished).answers(Trigger::not_completed);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(a_stalled_session_is_flagged_asked_less_often_and_may_still_finish) {
  to_processing().pass(30min).answers(Trigger::still_processing);
  BOOST_TEST(kept().stalled);
  BOOST_TEST(last.persist.session);
  pass(1h).answers(Trigger::still_processing);
  BOOST_TEST(until_due().count() == 30'000);
  answers(Trigger::progress_finished).answers_status(1, 0).answers(Trigger::insights_fetched);
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(!kept().stalled);
}

BOOST_AUTO_TEST_CASE(whatever_keeps_it_from_ending_a_stalled_session_is_asked_less_often) {
  for (const auto trigger :
       {Trigger::progress_unknown, Trigger::not_completed, Trigger::passing_fault, Trigger::slow_down}) {
    Story story;
    story.to_processing().pass(30min).answers(trigger);
    BOOST_TEST(story.kept().stalled, name(trigger));
    story.answers(trigger);
    BOOST_TEST(story.until_due().count() >= 15'000, name(trigger));
  }
}

BOOST_AUTO_TEST_CASE(repetitions_of_a_forgotten_request_are_spread_over_time) {
  to_processing().answers(Trigger::not_requested);
  BOOST_TEST(until_due().count() >= 2000);
}

BOOST_AUTO_TEST_CASE(processing_that_never_ends_fails_on_an_answer_that_says_so) {
  for (const auto trigger : {Trigger::still_processing, Trigger::progress_unknown, Trigger::not_completed}) {
    Story story;
    story.to_processing().pass(24h).answers(trigger);
    BOOST_TEST(story.kept().reason == Reason::processing_timeout);
  }
}

BOOST_AUTO_TEST_CASE(silence_alone_never_fails_a_session) {
  to_processing();
  for (int i = 0; i < 100; ++i)
    pass(1h).answers(Trigger::passing_fault);
  BOOST_TEST(state() == State::processing);
  answers(Trigger::progress_finished);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_forward_does_not_time_it_out) {
  to_processing().jump(std::chrono::days(3650)).answers(Trigger::still_processing);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!kept().stalled);
}

BOOST_AUTO_TEST_CASE(an_unknown_progress_changes_nothing_and_is_recorded) {
  to_processing().answers(Trigger::progress_unknown);
  BOOST_TEST(last.anomalies == kUnknownProgress);
  BOOST_TEST(until_due().count() == 2000);
}

BOOST_AUTO_TEST_CASE(a_forgotten_request_is_asked_for_again_a_few_times_then_final) {
  to_processing();
  for (int i = 0; i < 3; ++i) {
    answers(Trigger::not_requested);
    BOOST_TEST(state() == State::completed);
    BOOST_TEST((kept().anomalies & kRequestForgotten) != 0);
    reports(UploadStatus::completed, 1).ask();
    BOOST_TEST(sends() == Call::initiate);
    tell(Trigger::accepted, Call::initiate);
  }
  answers(Trigger::not_requested);
  BOOST_TEST(kept().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(faults_of_progress_never_ask_faster_than_every_two_seconds) {
  to_processing();
  for (int i = 0; i < 20; ++i) {
    answers(Trigger::passing_fault);
    BOOST_TEST(until_due().count() >= 2000);
    BOOST_TEST(until_due().count() <= 30'000);
  }
}

BOOST_AUTO_TEST_CASE(a_restart_asks_progress_once_within_one_interval_and_goes_on) {
  to_processing().restart(1h);
  BOOST_TEST(until_due().count() >= 0);
  BOOST_TEST(until_due().count() < 2000);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(refusals_of_a_later_call_are_counted_by_themselves) {
  to_processing();
  for (int i = 0; i < 4; ++i)
    answers(Trigger::refused);
  BOOST_TEST(kept().reason == Reason::refused);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(operators, Story)

BOOST_AUTO_TEST_CASE(poll_asks_now) {
  submit().reports(UploadStatus::no_uploads).tell(Trigger::poll);
  BOOST_TEST(until_due().count() == 0);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::operator_);
}

BOOST_AUTO_TEST_CASE(an_answer_that_was_on_its_way_is_not_the_operators) {
  submit().ask().tell(Trigger::poll).reports(UploadStatus::in_progress, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::poll);
  reports(UploadStatus::completed, 1);
  BOOST_TEST(last.persist.transition->cause == Cause::operator_);
}

BOOST_AUTO_TEST_CASE(two_oddities_of_one_answer_are_both_recorded) {
  expires_at = now.wall + 1h;
  submit(true).reports(UploadStatus::completed, 1).tell(Trigger::poll).ask();
  Event event;
  event.trigger = Trigger::upload_none;
  event.upload = {UploadStatus::no_uploads, 1, 1, 7, expires_at};
  tell(event);
  BOOST_TEST(last.anomalies == (kCompletedThenNoUploads | kContradictsRules));
}

BOOST_AUTO_TEST_CASE(retry_reopens_where_it_failed) {
  to_in_progress().answers(Trigger::session_deleted).tell(Trigger::retry);
  BOOST_TEST(state() == State::in_progress);
  BOOST_TEST(kept().reason == Reason::none);
  BOOST_TEST(ask().sends() == Call::upload_status);

  to_processing().answers(Trigger::session_deleted).tell(Trigger::retry);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(retry_gives_the_full_time_again) {
  to_processing().pass(24h).answers(Trigger::still_processing);
  BOOST_TEST_REQUIRE(kept().final);
  tell(Trigger::retry).answers(Trigger::still_processing);
  BOOST_TEST(!kept().final);
}

BOOST_AUTO_TEST_CASE(final_sessions_react_to_nothing_but_retry) {
  to_processing().answers(Trigger::session_deleted);
  const Kept before = kept();
  for (const auto trigger : {Trigger::due, Trigger::recovered, Trigger::hint, Trigger::hold, Trigger::release,
                             Trigger::process, Trigger::poll, Trigger::still_processing, Trigger::accepted}) {
    tell(trigger);
    BOOST_TEST((last.row == nullptr), name(trigger));
    BOOST_TEST((kept() == before), name(trigger));
  }
}

BOOST_AUTO_TEST_CASE(an_enriched_session_cannot_be_retried) {
  to_processing().answers(Trigger::progress_finished).answers_status(1, 0).answers(Trigger::insights_fetched);
  tell(Trigger::retry);
  BOOST_TEST((last.row == nullptr));
}

BOOST_AUTO_TEST_CASE(a_restored_session_is_what_was_kept) {
  to_in_progress();
  const Kept before = kept();
  restart();
  BOOST_TEST((kept() == before));
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_CASE(every_reason_to_be_somewhere_has_a_sentence) {
  for (int why = 0; why <= static_cast<int>(Why::reopened); ++why) {
    Kept kept_;
    kept_.why = static_cast<Why>(why);
    if (kept_.why == Why::failed) kept_.reason = Reason::session_deleted;
    const Explanation explanation = explain(kept_, "");
    BOOST_TEST(!explanation.rule.empty());
    BOOST_TEST(explanation.text.ends_with('.'), explanation.rule);
  }
  for (int reason = 1; reason <= static_cast<int>(Reason::refused); ++reason) {
    Kept kept_;
    kept_.why = Why::failed;
    kept_.reason = static_cast<Reason>(reason);
    BOOST_TEST(explain(kept_, "SOME_CODE").text.ends_with('.'), name(kept_.reason));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
