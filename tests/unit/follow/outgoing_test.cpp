// Whether a call may leave now: calls in flight, rate, waits that BankConnect asked for, and the breaker,
// together. breaker_test.cpp and rate_gate_test.cpp test the parts.
#include <boost/test/unit_test.hpp>

#include "src/follow/outgoing.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::AnswerTimes;
using follow::Breaker;
using follow::CallOutcome;
using follow::Departure;
using follow::OutgoingCalls;
using follow::Turn;
using Kind = UpstreamCondition::Kind;

namespace {

constexpr std::uint32_t kManyInFlight = 1000;
constexpr std::uint32_t kNoRateLimit = 0;

class Calls {
 public:
  explicit Calls(std::uint32_t max_in_flight = kManyInFlight, std::uint32_t per_second = kNoRateLimit)
      : outgoing(max_in_flight, per_second) {}

  OutgoingCalls outgoing;
  Moment now{Steady(1000s), Wall(1000s)};

  Departure send(Turn turn = Turn::poll, Call call = Call::progress) {
    return outgoing.sent(turn, call, now.steady);
  }
  bool end(CallOutcome outcome, const Departure& departure, const char* code = "") {
    return outgoing.ended(departure, Call::progress, true, outcome, code, now).flows_again;
  }
  bool end(CallOutcome outcome, const char* code = "") {
    Departure departure;
    departure.at = now.steady;
    return end(outcome, departure, code);
  }
  void fail_until_broken() {
    for (std::uint32_t i = 0; i < Breaker::kFailuresToBreak; ++i) {
      send();
      end(CallOutcome::failed, "HTTP_503");
    }
  }
  void slow_down(Duration wait) { outgoing.slow_down(now.steady, wait); }
  void pass(Duration time) { now.steady += time; }

  bool may_send() const { return outgoing.may_send(now.steady); }
  Steady open_at() const { return outgoing.open_at(now.steady); }
  Duration until_open() const { return open_at() - now.steady; }
  Duration held_for() const { return outgoing.held_for(now.steady); }
};

struct OneAtATime : Calls {
  OneAtATime() : Calls(1) {}
};
struct TwoAtATime : Calls {
  TwoAtATime() : Calls(2) {}
};
/// Ten a second: one call may leave ahead of its time.
struct TenASecond : Calls {
  TenASecond() : Calls(kManyInFlight, 10) {}
};
struct OneAtATimeTenASecond : Calls {
  OneAtATimeTenASecond() : Calls(1, 10) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(outgoing, Calls)

BOOST_AUTO_TEST_CASE(without_any_limit_reached_a_call_may_leave_now) {
  BOOST_TEST((open_at() == now.steady));
}

BOOST_FIXTURE_TEST_CASE(calls_may_leave_until_as_many_are_in_flight_as_are_allowed, TwoAtATime) {
  send();
  BOOST_TEST(may_send());
  send();
  BOOST_TEST(!may_send());
}

BOOST_FIXTURE_TEST_CASE(no_time_is_named_while_all_calls_allowed_are_in_flight, OneAtATime) {
  send();
  BOOST_TEST((open_at() == kNever));
}

BOOST_FIXTURE_TEST_CASE(the_end_of_one_call_lets_one_other_leave, TwoAtATime) {
  send();
  send();
  end(CallOutcome::served);
  BOOST_TEST(may_send());
  send();
  BOOST_TEST(!may_send());
}

BOOST_AUTO_TEST_CASE(a_call_is_in_flight_from_when_it_leaves_until_it_ends_whatever_its_outcome) {
  constexpr std::array outcomes = {CallOutcome::served, CallOutcome::account_refused, CallOutcome::failed,
                                   CallOutcome::slow_down, CallOutcome::no_verdict};
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    send();
  BOOST_TEST(outgoing.in_flight() == outcomes.size());
  for (const CallOutcome outcome : outcomes)
    end(outcome);
  BOOST_TEST(outgoing.in_flight() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_call_beyond_the_rate_waits_for_its_share_of_the_second, TenASecond) {
  send();
  send();
  BOOST_TEST(until_open().count() == 100);
}

BOOST_FIXTURE_TEST_CASE(a_call_that_has_ended_still_counts_for_the_rate, TenASecond) {
  for (int i = 0; i < 2; ++i) {
    send();
    end(CallOutcome::served);
  }
  BOOST_TEST(!may_send());
}

BOOST_FIXTURE_TEST_CASE(a_call_may_leave_at_the_instant_the_rate_allows_it, TenASecond) {
  send();
  send();
  pass(99ms);
  BOOST_TEST(!may_send());
  pass(1ms);
  BOOST_TEST(may_send());
}

BOOST_FIXTURE_TEST_CASE(a_share_of_the_rate_does_not_let_a_call_leave_above_the_number_in_flight,
                        OneAtATimeTenASecond) {
  send();
  pass(1h);
  BOOST_TEST(!may_send());
}

BOOST_AUTO_TEST_CASE(no_call_leaves_while_BankConnect_wants_calls_to_wait) {
  slow_down(30s);
  BOOST_TEST(until_open().count() == 30'000);
}

BOOST_AUTO_TEST_CASE(calls_are_held_for_what_is_left_of_the_wait) {
  slow_down(30s);
  pass(10s);
  BOOST_TEST(held_for().count() == 20'000);
}

BOOST_AUTO_TEST_CASE(calls_are_held_for_no_time_once_the_wait_is_over) {
  BOOST_TEST(held_for().count() == 0);
  slow_down(30s);
  pass(30s);
  BOOST_TEST(held_for().count() == 0);
  BOOST_TEST(may_send());
}

BOOST_FIXTURE_TEST_CASE(calls_kept_back_by_the_rate_are_not_held_at_BankConnects_wish, TenASecond) {
  send();
  send();
  BOOST_TEST(held_for().count() == 0);
}

BOOST_AUTO_TEST_CASE(waits_of_unnamed_length_double_until_another_answer_comes) {
  for (const Duration expected : {1s, 2s, 4s}) {
    slow_down(0s);
    BOOST_TEST(held_for().count() == expected.count());
    pass(expected);
  }
  outgoing.speed_up();
  slow_down(0s);
  BOOST_TEST(held_for().count() == 1000);
}

BOOST_AUTO_TEST_CASE(another_answer_does_not_end_a_wait_before_its_time) {
  slow_down(30s);
  outgoing.speed_up();
  BOOST_TEST(held_for().count() == 30'000);
}

BOOST_AUTO_TEST_CASE(while_calls_flow_none_is_a_probe) {
  BOOST_TEST(!send().probe);
}

BOOST_AUTO_TEST_CASE(a_call_that_is_served_while_calls_flow_lets_nothing_leave_that_might_not_before) {
  send();
  BOOST_TEST(!end(CallOutcome::served));
}

BOOST_AUTO_TEST_CASE(an_outage_stops_all_calls_until_the_first_probe) {
  fail_until_broken();
  BOOST_TEST((outgoing.condition().kind == Kind::broken));
  BOOST_TEST(until_open().count() == 1000);
}

BOOST_AUTO_TEST_CASE(the_call_that_leaves_during_an_outage_is_a_probe) {
  fail_until_broken();
  pass(1s);
  BOOST_TEST(send().probe);
}

BOOST_AUTO_TEST_CASE(no_call_leaves_beside_a_probe) {
  fail_until_broken();
  pass(1s);
  send();
  BOOST_TEST((open_at() == kNever));
}

BOOST_AUTO_TEST_CASE(a_probe_is_in_flight_until_it_ends) {
  fail_until_broken();
  pass(1s);
  const Departure probe = send();
  BOOST_TEST(outgoing.in_flight() == 1U);
  end(CallOutcome::failed, probe);
  BOOST_TEST(outgoing.in_flight() == 0U);
}

BOOST_AUTO_TEST_CASE(a_probe_that_is_served_lets_calls_leave_again) {
  fail_until_broken();
  pass(1s);
  BOOST_TEST(end(CallOutcome::served, send()));
  BOOST_TEST(outgoing.flowing());
  BOOST_TEST((open_at() == now.steady));
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_keeps_calls_stopped) {
  fail_until_broken();
  pass(1s);
  BOOST_TEST(!end(CallOutcome::failed, send()));
  BOOST_TEST(!outgoing.flowing());
  BOOST_TEST(until_open().count() == 2000);
}

BOOST_AUTO_TEST_CASE(a_probe_that_has_been_due_for_long_may_leave_now_and_not_earlier) {
  fail_until_broken();
  pass(1h);
  BOOST_TEST((open_at() == now.steady));
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_account_pauses_calls_and_names_its_code_and_time) {
  send();
  end(CallOutcome::account_refused, "ACCESS_DENIED");
  BOOST_TEST((outgoing.condition() == UpstreamCondition{Kind::paused, "ACCESS_DENIED", now.wall}));
}

BOOST_AUTO_TEST_CASE(a_probe_waits_as_long_as_BankConnect_wants_calls_to_wait) {
  fail_until_broken();
  slow_down(30s);
  BOOST_TEST(until_open().count() == 30'000);
}

BOOST_AUTO_TEST_CASE(a_wait_that_ends_before_the_next_probe_does_not_bring_the_probe_forward) {
  fail_until_broken();
  slow_down(500ms);
  BOOST_TEST(until_open().count() == 1000);
}

BOOST_AUTO_TEST_CASE(after_a_change_of_configuration_a_probe_may_leave_now) {
  send();
  end(CallOutcome::account_refused, "ACCESS_DENIED");
  outgoing.probe_now(now);
  BOOST_TEST((open_at() == now.steady));
}

BOOST_AUTO_TEST_CASE(a_change_of_configuration_does_not_shorten_a_wait_that_BankConnect_asked_for) {
  fail_until_broken();
  slow_down(30s);
  outgoing.probe_now(now);
  BOOST_TEST(until_open().count() == 30'000);
}

BOOST_AUTO_TEST_CASE(a_change_of_configuration_while_calls_flow_changes_nothing) {
  outgoing.probe_now(now);
  BOOST_TEST(outgoing.flowing());
  BOOST_TEST(!send().probe);
}

BOOST_AUTO_TEST_CASE(a_poll_is_given_up_when_it_is_not_answered_in_time) {
  for (const Call call : {Call::upload_status, Call::progress})
    BOOST_TEST((send(Turn::poll, call).time_limit == AnswerTimes::kLeast));
}

BOOST_AUTO_TEST_CASE(a_poll_of_a_slow_session_has_all_the_time_there_is) {
  BOOST_TEST((send(Turn::slow).time_limit == 0s));
}

BOOST_AUTO_TEST_CASE(initiate_and_fetches_have_all_the_time_there_is) {
  for (const Call call : {Call::initiate, Call::session_status, Call::insights})
    BOOST_TEST((send(Turn::urgent, call).time_limit == 0s));
}

BOOST_AUTO_TEST_CASE(a_probe_has_all_the_time_there_is) {
  fail_until_broken();
  pass(1s);
  BOOST_TEST((send().time_limit == 0s));
}

BOOST_AUTO_TEST_CASE(a_poll_that_ends_at_its_limit_was_not_in_time) {
  const Departure departure = send();
  pass(AnswerTimes::kLeast);
  BOOST_TEST(!outgoing.ended(departure, Call::progress, false, CallOutcome::failed, "TIMEOUT", now).in_time);
}

BOOST_AUTO_TEST_CASE(polls_that_are_given_up_make_no_outage) {
  for (std::uint32_t i = 0; i < 2 * Breaker::kFailuresToBreak; ++i) {
    const Departure departure = send();
    pass(AnswerTimes::kLeast);
    outgoing.ended(departure, Call::progress, false, CallOutcome::failed, "TIMEOUT", now);
  }
  BOOST_TEST(outgoing.flowing());
}

BOOST_AUTO_TEST_CASE(calls_that_time_out_with_all_the_time_there_is_make_an_outage) {
  for (std::uint32_t i = 0; i < Breaker::kFailuresToBreak; ++i) {
    const Departure departure = send(Turn::slow);
    pass(30s);
    outgoing.ended(departure, Call::progress, false, CallOutcome::failed, "TIMEOUT", now);
  }
  BOOST_TEST(!outgoing.flowing());
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_at_once_was_in_time) {
  const Departure departure = send();
  pass(1s);
  const auto ended =
      outgoing.ended(departure, Call::progress, false, CallOutcome::failed, "CONNECTION_REFUSED", now);
  BOOST_TEST(ended.in_time);
}

BOOST_AUTO_TEST_CASE(a_fetch_that_is_answered_was_in_time_however_long_it_took) {
  const Departure departure = send(Turn::urgent, Call::insights);
  pass(20s);
  BOOST_TEST(outgoing.ended(departure, Call::insights, true, CallOutcome::served, "", now).in_time);
}

BOOST_AUTO_TEST_CASE(a_fetch_that_is_not_answered_for_long_was_not_in_time) {
  const Departure departure = send(Turn::urgent, Call::insights);
  pass(20s);
  BOOST_TEST(!outgoing.ended(departure, Call::insights, false, CallOutcome::failed, "TIMEOUT", now).in_time);
}

BOOST_AUTO_TEST_CASE(where_BankConnect_is_slow_for_all_polls_get_more_time) {
  for (int i = 0; i < 20; ++i) {
    const Departure departure = send(Turn::slow);
    pass(2s);
    outgoing.ended(departure, Call::progress, true, CallOutcome::served, "", now);
  }
  BOOST_TEST((send().time_limit == 16s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
