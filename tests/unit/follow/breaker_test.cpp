#include <boost/test/unit_test.hpp>

#include "src/follow/breaker.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::Breaker;
using follow::CallOutcome;
using Kind = UpstreamCondition::Kind;

struct BreakerStory {
  Breaker breaker;
  Moment now{Steady(1000s), Wall(Duration(0))};

  bool call(CallOutcome outcome, const char* code = "") {
    return breaker.ended(breaker.sent(), outcome, code, now);
  }
  void fail_ten_times() {
    for (int i = 0; i < 10; ++i)
      call(CallOutcome::failed, "HTTP_503");
  }
  Duration until_probe() const { return breaker.open_at() - now.steady; }
  void pass(Duration time) { now.steady += time; }
};

BOOST_FIXTURE_TEST_SUITE(breaker, BreakerStory)

BOOST_AUTO_TEST_CASE(a_few_failures_do_not_break_it) {
  for (int i = 0; i < 9; ++i)
    call(CallOutcome::failed);
  call(CallOutcome::served);
  for (int i = 0; i < 9; ++i)
    call(CallOutcome::failed);
  BOOST_TEST((breaker.condition().kind == Kind::flowing));
}

BOOST_AUTO_TEST_CASE(ten_in_a_row_do_and_one_probe_at_a_time_goes_on) {
  fail_ten_times();
  BOOST_TEST((breaker.condition().kind == Kind::broken));
  BOOST_TEST(breaker.condition().code == "HTTP_503");
  BOOST_TEST(until_probe().count() == 1000);
  pass(1s);
  BOOST_TEST(breaker.sent());
  BOOST_TEST((breaker.open_at() == kNever));
}

BOOST_AUTO_TEST_CASE(probes_that_fail_come_less_and_less_often) {
  fail_ten_times();
  for (const Duration expected : {2s, 4s, 8s, 16s, 30s, 30s}) {
    pass(until_probe());
    call(CallOutcome::failed);
    BOOST_TEST(until_probe().count() == expected.count());
  }
}

BOOST_AUTO_TEST_CASE(a_probe_that_goes_through_lets_everything_flow_again) {
  fail_ten_times();
  pass(1s);
  BOOST_TEST(call(CallOutcome::served));
  BOOST_TEST((breaker.condition().kind == Kind::flowing));
  BOOST_TEST((breaker.open_at() == kNoSteady));
}

BOOST_AUTO_TEST_CASE(calls_that_were_in_flight_when_it_broke_do_not_slow_the_probes) {
  fail_ten_times();
  for (int i = 0; i < 30; ++i)
    breaker.ended(false, CallOutcome::failed, "HTTP_503", now);
  BOOST_TEST(until_probe().count() == 1000);
}

BOOST_AUTO_TEST_CASE(one_refusal_of_the_account_pauses_everything_and_says_why) {
  call(CallOutcome::account_refused, "ACCESS_DENIED");
  BOOST_TEST((breaker.condition().kind == Kind::paused));
  BOOST_TEST(breaker.condition().code == "ACCESS_DENIED");
}

BOOST_AUTO_TEST_CASE(a_fault_met_while_paused_does_not_end_the_pause) {
  call(CallOutcome::account_refused, "ACCESS_DENIED");
  pass(1s);
  call(CallOutcome::failed, "TIMEOUT");
  BOOST_TEST((breaker.condition().kind == Kind::paused));
  BOOST_TEST(breaker.condition().code == "ACCESS_DENIED");
}

BOOST_AUTO_TEST_CASE(a_refusal_met_while_broken_becomes_a_pause) {
  fail_ten_times();
  pass(1s);
  call(CallOutcome::account_refused, "HTTP_401");
  BOOST_TEST((breaker.condition().kind == Kind::paused));
}

BOOST_AUTO_TEST_CASE(new_credentials_are_tried_at_once) {
  call(CallOutcome::account_refused, "ACCESS_DENIED");
  breaker.probe_now(now);
  BOOST_TEST((breaker.open_at() <= now.steady));
}

BOOST_AUTO_TEST_CASE(a_probe_that_was_not_sent_or_put_off_is_followed_by_another_no_sooner_than_usual) {
  fail_ten_times();
  for (const auto trigger : {CallOutcome::no_verdict, CallOutcome::slow_down}) {
    pass(until_probe());
    call(trigger);
    BOOST_TEST(until_probe().count() == 1000);
  }
}

BOOST_AUTO_TEST_CASE(trouble_that_comes_back_within_a_minute_does_not_start_probing_over) {
  fail_ten_times();
  for (int i = 0; i < 4; ++i) {
    pass(until_probe());
    call(CallOutcome::failed);
  }
  pass(until_probe());
  call(CallOutcome::served);
  pass(30s);
  call(CallOutcome::account_refused, "ACCESS_DENIED");
  BOOST_TEST(until_probe().count() == 16'000);
}

BOOST_AUTO_TEST_CASE(new_credentials_are_tried_although_a_probe_with_the_old_ones_was_in_flight) {
  call(CallOutcome::account_refused, "ACCESS_DENIED");
  pass(until_probe());
  const bool probe = breaker.sent();
  breaker.probe_now(now);
  breaker.ended(probe, CallOutcome::account_refused, "ACCESS_DENIED", now);
  BOOST_TEST((breaker.open_at() <= now.steady));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
