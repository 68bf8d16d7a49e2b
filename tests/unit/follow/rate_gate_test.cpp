#include <boost/test/unit_test.hpp>

#include "src/follow/rate_gate.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::RateGate;

BOOST_AUTO_TEST_SUITE(rate_gate)

constexpr Steady kBegin(1h);

/// A call left at kBegin, and was answered that none is to follow for so long.
RateGate paused_for(Duration wait) {
  RateGate gate(0);
  gate.pass(kBegin);
  gate.slow_down(kBegin, wait);
  return gate;
}

int calls_in(RateGate& gate, Duration time) {
  int calls = 0;
  Steady now(1000s);
  const Steady end = now + time;
  for (;;) {
    now = gate.open_at(now);
    if (now >= end) return calls;
    gate.pass(now);
    ++calls;
  }
}

BOOST_AUTO_TEST_CASE(calls_leave_at_the_configured_rate) {
  RateGate gate(100);
  const int calls = calls_in(gate, 10s);
  BOOST_TEST(calls >= 1000);
  BOOST_TEST(calls <= 1011);  // a tenth of a second's worth may leave at once
}

BOOST_AUTO_TEST_CASE(no_limit_means_no_limit) {
  RateGate gate(0);
  for (int i = 0; i < 1000; ++i) {
    BOOST_REQUIRE((gate.open_at(Steady(1s)) == Steady(1s)));
    gate.pass(Steady(1s));
  }
}

BOOST_AUTO_TEST_CASE(a_pause_is_not_saved_up) {
  RateGate gate(10);
  gate.pass(Steady(1s));
  int at_once = 0;
  while (gate.open_at(Steady(3600s)) == Steady(3600s)) {
    gate.pass(Steady(3600s));
    ++at_once;
  }
  BOOST_TEST(at_once <= 2);
}

BOOST_AUTO_TEST_CASE(patience_asked_for_is_kept_even_without_a_limit) {
  RateGate gate(0);
  gate.slow_down(Steady(10s), 30s);
  gate.slow_down(Steady(11s), 1s);  // a shorter wish does not shorten a longer one
  BOOST_TEST((gate.open_at(Steady(12s)) == Steady(40s)));
}

BOOST_AUTO_TEST_CASE(in_a_pause_of_more_than_ten_minutes_one_call_a_minute_leaves) {
  RateGate gate = paused_for(1h);
  for (Steady now = kBegin; now < kBegin + 59min; now += 1min) {
    BOOST_TEST((gate.open_at(now) == now + 1min));
    gate.pass(now + 1min);
  }
  BOOST_TEST((gate.held_until() == kBegin + 1h));
  BOOST_TEST((gate.open_at(kBegin + 1h) == kBegin + 1h));
}

BOOST_AUTO_TEST_CASE(an_answer_in_a_pause_of_more_than_ten_minutes_ends_it) {
  RateGate gate = paused_for(1h);
  gate.speed_up();
  BOOST_TEST((gate.open_at(kBegin + 1s) == kBegin + 1s));
}

BOOST_AUTO_TEST_CASE(a_pause_of_ten_minutes_is_kept_whole) {
  RateGate gate = paused_for(10min);
  gate.speed_up();
  BOOST_TEST((gate.open_at(kBegin + 1s) == kBegin + 10min));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
