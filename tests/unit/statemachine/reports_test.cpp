// A session whose insights are stored and link to reports: how long it waits for them, and for what.
#include "statemachine/why.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

namespace {

struct Linked : Story {
  Story& insights_with_links(bool error_beside_data = false, bool lists_no_account = false) {
    if (!session.in_memory.in_flight) ask();
    Event event;
    event.trigger = Trigger::insights_fetched;
    event.call = Call::insights;
    event.links_reports = true;
    event.error_beside_data = error_beside_data;
    event.lists_no_account = lists_no_account;
    return tell(event);
  }
  Story& to_insights(std::uint32_t accounts = 2, std::uint32_t failed = 0) {
    return to_processing().answers(Trigger::progress_finished).answers_status(accounts, failed);
  }
  Story& to_awaiting(std::uint32_t failed = 0) {
    to_insights(2, failed);
    return insights_with_links();
  }
  Story& to_enriched_by_reports() {
    to_awaiting();
    return tell(Trigger::reports_fetched);
  }
  /// ENRICHED, refreshed, and its new reports are awaited.
  Story& to_reports_anew() {
    to_enriched_by_reports();
    session = restored_session(session.id, session.durable);
    tell(Trigger::refresh).answers_status(2, 0);
    return insights_with_links();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reports, Linked)

BOOST_AUTO_TEST_CASE(insights_that_link_to_reports_are_stored_at_once_and_the_session_stays_in_processing) {
  to_awaiting();
  BOOST_TEST(state() == State::processing);
  BOOST_TEST(!durable().final);
  BOOST_TEST(last.persist.payload);
  BOOST_TEST(last.persist.session);
  BOOST_TEST(awaits_reports(durable()));
  BOOST_TEST((durable().why == Why::awaiting_reports));
  BOOST_TEST((session.in_memory.due == kNever));
}

BOOST_AUTO_TEST_CASE(it_is_enriched_once_all_reports_are_stored) {
  to_enriched_by_reports();
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(durable().final);
  BOOST_TEST((durable().outcome == Outcome::complete));
  BOOST_TEST((durable().why == Why::enriched));
  BOOST_TEST(durable().anomalies == 0);
  BOOST_TEST(!has_calls(durable()));
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST((last.persist.transition->trigger == Trigger::reports_fetched));
}

BOOST_AUTO_TEST_CASE(reports_that_cannot_be_had_are_an_anomaly_of_a_session_that_is_complete) {
  to_awaiting();
  tell(Trigger::reports_missing);
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST((durable().outcome == Outcome::complete));
  BOOST_TEST(last.anomalies == kReportsMissing);
}

BOOST_AUTO_TEST_CASE(what_was_missing_from_the_data_counts_although_the_answers_are_forgotten_at_a_restart) {
  to_awaiting(1);
  restart();
  tell(Trigger::reports_missing);
  BOOST_TEST((durable().outcome == Outcome::partial));
  BOOST_TEST((durable().why == Why::enriched_partly));
}

BOOST_AUTO_TEST_CASE(an_error_beside_the_insights_is_recorded_when_they_come_and_decides_the_outcome) {
  to_insights();
  insights_with_links(true);
  BOOST_TEST(last.anomalies == kErrorBesideData);
  tell(Trigger::reports_fetched);
  BOOST_TEST((durable().outcome == Outcome::partial));
  BOOST_TEST((durable().why == Why::enriched_beside_error));
}

BOOST_AUTO_TEST_CASE(the_evidence_stays_that_of_the_insights) {
  to_awaiting();
  BOOST_TEST(last.persist.evidence);
  tell(Trigger::reports_fetched);
  BOOST_TEST(!last.persist.evidence);
}

BOOST_AUTO_TEST_CASE(a_link_that_is_over_has_the_insights_asked_for_at_once) {
  to_awaiting();
  tell(Trigger::report_link_expired);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::insights);
  insights_with_links();
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST(awaits_reports(durable()));
  BOOST_TEST((session.in_memory.due == kNever));
}

BOOST_AUTO_TEST_CASE(insights_without_links_are_asked_for_again_with_growing_pauses) {
  to_awaiting();
  tell(Trigger::report_link_expired);
  Duration last_pause = 0s;
  for (int i = 0; i < 300; ++i) {
    answers_insights(false, true);
    BOOST_TEST(state() == State::processing);
    BOOST_TEST(!last.persist.payload);
    BOOST_TEST((until_due() >= last_pause));
    BOOST_TEST((until_due() <= policy.backoff_max));
    last_pause = i < 4 ? until_due() : 0s;
  }
}

BOOST_AUTO_TEST_CASE(after_a_restart_fresh_links_are_asked_for) {
  to_awaiting();
  restart();
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(no_refusal_or_fault_takes_stored_insights_away) {
  for (const Trigger trigger :
       {Trigger::not_requested, Trigger::session_deleted, Trigger::session_not_found, Trigger::key_required,
        Trigger::refused, Trigger::account_refused, Trigger::slow_down, Trigger::passing_fault}) {
    session = new_session(session.id, false, now);
    to_awaiting();
    tell(Trigger::report_link_expired);
    answers(trigger);
    BOOST_TEST(state() == State::processing);
    BOOST_TEST(awaits_reports(durable()));
    BOOST_TEST((session.in_memory.due != kNever));
    BOOST_TEST((session.in_memory.due > now.steady));
  }
}

BOOST_AUTO_TEST_CASE(waiting_for_reports_is_no_stall_and_no_timeout) {
  to_awaiting();
  pass(48h);
  tell(Trigger::reports_missing);
  BOOST_TEST(!durable().stalled);
  BOOST_TEST(state() == State::enriched);
}

BOOST_AUTO_TEST_CASE(a_webhook_changes_nothing_and_poll_asks_for_fresh_links) {
  to_awaiting();
  const Durable before = durable();
  Event hint;
  hint.trigger = Trigger::hint;
  tell(hint);
  BOOST_TEST((durable() == before));
  BOOST_TEST((session.in_memory.due == kNever));
  tell(Trigger::poll);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(a_refresh_that_is_answered_with_links_has_the_reports_fetched_anew) {
  to_reports_anew();
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(durable().final);
  BOOST_TEST_REQUIRE(last.persist.transition.has_value());
  BOOST_TEST((last.persist.transition->trigger == Trigger::refreshed));
  BOOST_TEST(awaits_reports(durable()));
  tell(Trigger::reports_fetched);
  BOOST_TEST(!has_calls(durable()));
  BOOST_TEST(!last.persist.transition.has_value());
}

BOOST_AUTO_TEST_CASE(reports_of_a_refresh_that_cannot_be_had_are_an_anomaly) {
  to_reports_anew();
  tell(Trigger::reports_missing);
  BOOST_TEST(!has_calls(durable()));
  BOOST_TEST(last.anomalies == kReportsMissing);
}

BOOST_AUTO_TEST_CASE(the_links_of_a_refresh_may_be_over_and_not_come_again) {
  to_reports_anew();
  tell(Trigger::report_link_expired);
  answers_insights(false, false);
  BOOST_TEST(has_calls(durable()));
  tell(Trigger::reports_missing);
  BOOST_TEST(!has_calls(durable()));
}

BOOST_AUTO_TEST_CASE(a_refresh_while_its_reports_are_awaited_asks_for_fresh_links_at_once) {
  to_reports_anew();
  tell(Trigger::refresh);
  BOOST_TEST(awaits_reports(durable()));
  BOOST_TEST(ask().sends() == Call::insights);
}

BOOST_AUTO_TEST_CASE(insights_that_were_asked_for_before_a_refresh_began_are_not_those_of_the_refresh) {
  to_reports_anew();
  tell(Trigger::report_link_expired);
  BOOST_TEST(ask().sends() == Call::insights);
  tell(Trigger::reports_missing);
  tell(Trigger::refresh);
  insights_with_links();
  BOOST_TEST((durable().after_end == AfterEnd::refresh));
  BOOST_TEST(!last.persist.payload);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_after_the_end_leaves_the_session_ready_for_a_refresh) {
  to_awaiting();
  tell(Trigger::report_link_expired);
  BOOST_TEST(ask().sends() == Call::insights);
  tell(Trigger::reports_missing);
  insights_with_links();
  BOOST_TEST(state() == State::enriched);
  BOOST_TEST(!last.persist.payload);
  tell(Trigger::refresh);
  BOOST_TEST(until_due().count() == 0);
  BOOST_TEST(ask().sends() == Call::session_status);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
