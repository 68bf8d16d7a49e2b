// What is asked about sessions that are final: data fetched anew, and webhooks that come after our clock gave
// a session up.
#include "statemachine/why.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

namespace {

/// The answers after which nothing changes, whatever was asked.
constexpr Trigger kRefusals[] = {
    Trigger::not_requested,   Trigger::not_completed, Trigger::unparsable, Trigger::session_not_found,
    Trigger::session_deleted, Trigger::key_required,  Trigger::refused};
constexpr Trigger kFaults[] = {Trigger::account_refused, Trigger::slow_down, Trigger::passing_fault};

struct Ended : Story {
  Story& to_enriched(std::uint32_t accounts = 2, std::uint32_t failed = 0) {
    to_processing().answers(Trigger::progress_finished).answers_status(accounts, failed);
    return answers_insights(false, false);
  }
  /// Brought back from disk, as a final session is for a command or a webhook.
  Story& wake() {
    session = restored_session(session.id, session.durable);
    return *this;
  }
  Story& to_refreshing(std::uint32_t accounts = 2, std::uint32_t failed = 0) {
    to_enriched(accounts, failed).pass(24h);
    return wake().tell(Trigger::refresh);
  }
  Story& to_timed_out() {
    to_processing().pass(25h);
    return answers(Trigger::still_processing);
  }
  Story& hinted(NotificationSet kinds = bit(Notification::enrichment)) {
    Event event;
    event.trigger = Trigger::hint;
    event.hinted = kinds;
    return tell(event);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refresh, Ended)

BOOST_AUTO_TEST_CASE(a_refresh_asks_for_the_session_status_at_once_and_leaves_the_session_final) {
  to_refreshing();
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(durable().final);
  BOOST_TEST(last.persist.session);
  BOOST_TEST(!last.persist.transition.has_value());
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(nothing_is_replaced_before_the_insights_have_come) {
  to_refreshing().answers_status(2, 0);
  BOOST_TEST(last.set_aside);
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST(!last.persist.accounts);
  BOOST_TEST(ask().sends() == Call::insights);
  answers_insights(false, false);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(last.persist.set_aside);
  BOOST_TEST(last.persist.accounts);
}

BOOST_AUTO_TEST_CASE(a_refresh_that_succeeded_is_an_event_and_the_session_is_asked_nothing_more) {
  to_refreshing().answers_status(2, 0).pass(1s);
  answers_insights(false, false);
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST((last.persist.transition->trigger == Trigger::refreshed));
  BOOST_TEST((last.persist.transition->cause == Cause::command));
  BOOST_TEST((last.persist.transition->from == State::enriched));
  BOOST_TEST((last.persist.transition->to == State::enriched));
  BOOST_TEST(!has_calls(durable()));
  BOOST_TEST((session.in_memory.due == kNever));
}

BOOST_AUTO_TEST_CASE(a_refresh_does_not_begin_retention_anew) {
  to_enriched();
  const Elapsed final_at = durable().final_at;
  pass(24h);
  wake().tell(Trigger::refresh).answers_status(2, 0);
  answers_insights(false, false);
  BOOST_TEST((durable().final_at == final_at));
}

BOOST_AUTO_TEST_CASE(new_data_in_which_an_account_failed_are_partial) {
  to_refreshing().answers_status(2, 1);
  answers_insights(false, false);
  BOOST_TEST(durable().outcome == Outcome::partial);
  BOOST_TEST((durable().why == Why::enriched_partly));
  BOOST_TEST(last.persist.transition->outcome == Outcome::partial);
}

BOOST_AUTO_TEST_CASE(new_data_without_the_failure_of_the_old_are_complete) {
  to_refreshing(2, 1).answers_status(2, 0);
  answers_insights(false, false);
  BOOST_TEST(durable().outcome == Outcome::complete);
  BOOST_TEST((durable().why == Why::enriched));
}

BOOST_AUTO_TEST_CASE(a_second_refresh_while_one_is_under_way_is_one_with_it) {
  to_refreshing().tell(Trigger::refresh);
  BOOST_TEST(last.row != nullptr);
  BOOST_TEST(!last.persist.session);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(only_an_enriched_session_can_be_refreshed) {
  for (const State other : {State::no_uploads, State::in_progress, State::completed, State::expired,
                            State::processing, State::failed}) {
    session.durable = Durable{};
    session.durable.state = other;
    session.durable.final = other == State::failed;
    wake().tell(Trigger::refresh);
    BOOST_TEST(last.row == nullptr, to_string(other));
  }
}

BOOST_AUTO_TEST_CASE(a_refresh_goes_on_after_a_restart_from_its_first_call) {
  to_refreshing().answers_status(2, 0).restart();
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_a_refresh_with_an_event_and_the_stored_data_stay) {
  for (const Trigger refusal : kRefusals) {
    to_refreshing().answers(refusal);
    BOOST_TEST(state() == State::enriched);
    BOOST_TEST(durable().outcome == Outcome::complete);
    BOOST_TEST(!has_calls(durable()));
    BOOST_TEST(!last.persist.payload);
    BOOST_TEST(!last.persist.accounts);
    BOOST_TEST_REQUIRE(last.persist.transition.has_value(), to_string(refusal));
    BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
    BOOST_TEST(!last.persist.evidence);
  }
}

BOOST_AUTO_TEST_CASE(a_fault_is_tried_again_from_the_first_call_on) {
  for (const Trigger fault : kFaults) {
    to_refreshing().answers_status(2, 0).answers(fault);
    BOOST_TEST(has_calls(durable()));
    BOOST_TEST(until_due().count() > 0);
    BOOST_TEST(ask().sends() == Call::session_status);
  }
}

BOOST_AUTO_TEST_CASE(a_refresh_that_fails_for_an_hour_ends_without_new_data) {
  for (const Trigger fault : kFaults) {
    to_refreshing().answers(fault).pass(59min).answers(fault);
    BOOST_TEST(has_calls(durable()));
    pass(2min).answers(fault);
    BOOST_TEST(!has_calls(durable()));
    BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
  }
}

BOOST_AUTO_TEST_CASE(a_session_status_without_insights_ends_a_refresh) {
  to_refreshing().answers_status(2, 2);
  BOOST_TEST(!has_calls(durable()));
  BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
  BOOST_TEST((durable().why == Why::enriched));
}

BOOST_AUTO_TEST_CASE(an_error_beside_new_data_leaves_complete_data_in_place) {
  to_refreshing().answers_status(2, 0);
  answers_insights(true, false);
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
  BOOST_TEST(durable().outcome == Outcome::complete);
}

BOOST_AUTO_TEST_CASE(an_error_beside_new_data_counts_no_less_than_the_one_beside_the_old) {
  to_processing().answers(Trigger::progress_finished).answers_status(2, 0);
  answers_insights(true, false);
  BOOST_TEST_REQUIRE((durable().why == Why::enriched_beside_error));
  wake().tell(Trigger::refresh).answers_status(2, 0);
  answers_insights(true, false);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(durable().outcome == Outcome::partial);
}

BOOST_AUTO_TEST_CASE(insights_without_accounts_are_asked_for_again_and_then_left_out) {
  to_refreshing().answers_status(2, 0);
  int fetches = 0;
  for (; has_calls(durable()) && fetches < 100; ++fetches)
    answers_insights(false, true);
  BOOST_TEST(fetches == 8);
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
}

BOOST_AUTO_TEST_CASE(an_answer_that_lists_nothing_replaces_no_data) {
  to_refreshing().answers_status(0, 0);
  answers_insights(false, true);
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST((last.persist.transition->trigger == Trigger::refresh_refused));
}

BOOST_AUTO_TEST_CASE(a_refresh_that_backed_off_is_asked_soon_after_an_outage) {
  to_refreshing();
  for (int failures = 0; failures < 6; ++failures)
    answers(Trigger::passing_fault);
  tell(Trigger::upstream_back);
  BOOST_TEST(until_due() <= policy.upload_interval_min);
  tell(Trigger::probe);
  BOOST_TEST(until_due().count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(late_webhook, Ended)

BOOST_AUTO_TEST_CASE(an_enrichment_webhook_after_the_processing_timeout_asks_for_progress_once) {
  to_timed_out();
  BOOST_TEST_REQUIRE(durable().reason == Reason::processing_timeout);
  wake().pass(3h);
  hinted();
  BOOST_TEST(last.persist.session);
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(ask().sends() == Call::progress);
  tell(Trigger::still_processing, Call::progress);
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(!has_calls(durable()));
}

BOOST_AUTO_TEST_CASE(where_bankconnect_has_finished_the_session_is_reopened_and_its_data_fetched) {
  to_timed_out().pass(3h);
  wake();
  hinted();
  answers(Trigger::progress_finished);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().final);
  BOOST_TEST(durable().reason == Reason::none);
  BOOST_TEST(!durable().requested_elsewhere);
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST((last.persist.transition->cause == Cause::hint));
  BOOST_TEST(ask().sends() == Call::session_status);
  answers_status(1, 0);
  answers_insights(false, false);
  BOOST_TEST(state() == State::enriched);
}

BOOST_AUTO_TEST_CASE(a_session_not_followed_any_longer_that_somebody_had_processed_is_reopened) {
  to_in_progress().pass(32 * 24h);
  reports(UploadStatus::in_progress, 1);
  BOOST_TEST_REQUIRE(durable().reason == Reason::not_followed_any_longer);
  wake();
  hinted();
  answers(Trigger::progress_finished);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(durable().requested_elsewhere);
  BOOST_TEST((durable().why == Why::requested_elsewhere));
}

BOOST_AUTO_TEST_CASE(webhooks_cost_a_session_that_failed_by_our_clock_one_question_an_hour) {
  to_timed_out();
  wake();
  hinted();
  answers(Trigger::still_processing);
  pass(59min);
  wake();
  hinted();
  BOOST_TEST(last.row == nullptr);
  pass(2min);
  hinted();
  BOOST_TEST(last.row != nullptr);
  // Its question is on its way: another webhook brings none.
  const Steady due = session.in_memory.due;
  hinted();
  BOOST_TEST(last.row != nullptr);
  BOOST_TEST((session.in_memory.due == due));
}

BOOST_AUTO_TEST_CASE(other_webhooks_and_other_failures_cause_no_question) {
  to_timed_out();
  wake();
  hinted(bit(Notification::completion) | bit(Notification::expiry));
  BOOST_TEST(last.row == nullptr);
  to_processing().answers(Trigger::session_deleted);
  wake();
  hinted();
  BOOST_TEST(last.row == nullptr);
}

BOOST_AUTO_TEST_CASE(a_refusal_or_an_undocumented_progress_leaves_the_session_failed) {
  std::vector<Trigger> answers_of_all(std::begin(kRefusals), std::end(kRefusals));
  answers_of_all.push_back(Trigger::progress_unknown);
  for (const Trigger answer : answers_of_all) {
    session.durable.after_end_since = kNoElapsed;
    to_timed_out();
    wake();
    hinted();
    answers(answer);
    BOOST_TEST(state() == State::failed);
    BOOST_TEST(!has_calls(durable()), to_string(answer));
    BOOST_TEST(!last.persist.transition.has_value());
  }
}

BOOST_AUTO_TEST_CASE(the_question_is_tried_again_for_an_hour_when_it_gets_no_answer) {
  for (const Trigger fault : kFaults) {
    session.durable.after_end_since = kNoElapsed;
    to_timed_out();
    wake();
    hinted();
    answers(fault);
    BOOST_TEST(ask().sends() == Call::progress);
    pass(1h).tell(fault, Call::progress);
    BOOST_TEST(!has_calls(durable()));
  }
}

BOOST_AUTO_TEST_CASE(the_question_survives_a_restart) {
  to_timed_out();
  wake();
  hinted();
  restart();
  BOOST_TEST(ask().sends() == Call::progress);
}

BOOST_AUTO_TEST_CASE(an_operator_may_reopen_a_session_that_is_being_asked_about) {
  to_timed_out();
  wake();
  hinted();
  tell(Trigger::retry);
  BOOST_TEST(state() == State::processing);
  BOOST_TEST((durable().after_end == AfterEnd::nothing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
