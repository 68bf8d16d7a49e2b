// After a pause of the event loop, an answer found in a socket may be as old as the pause.
#include "src/upstream/stall_detector.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using namespace std::chrono_literals;

namespace {

struct RunningLoop {
  RunningLoop() {
    detector.start(now);
    for (int i = 0; i < 5; ++i)
      tick_after(1s);
  }
  void tick_after(Duration interval) {
    now += interval;
    detector.tick(now);
  }
  Elapsed now = Elapsed(1000h);
  upstream::StallDetector detector;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stall_detector, RunningLoop)

BOOST_AUTO_TEST_CASE(no_stall_is_reported_while_the_loop_runs) {
  BOOST_TEST((detector.stalled_for(now) == 0s));
  BOOST_TEST((detector.stalled_for(now + 999ms) == 0s));
}

BOOST_AUTO_TEST_CASE(a_stall_is_reported_before_and_after_the_first_tick_that_follows_it) {
  BOOST_TEST((detector.stalled_for(now + 55s) >= 55s));
  tick_after(55s);
  BOOST_TEST((detector.stalled_for(now) >= 55s));
  BOOST_TEST((detector.stalled_for(now + 900ms) >= 55s));
}

BOOST_AUTO_TEST_CASE(a_stall_is_over_after_two_ticks) {
  tick_after(55s);
  tick_after(1s);
  BOOST_TEST((detector.stalled_for(now) == 0s));
}

BOOST_AUTO_TEST_CASE(a_tick_that_is_late_by_less_than_a_second_is_no_stall) {
  tick_after(1900ms);
  BOOST_TEST((detector.stalled_for(now) == 0s));
}

BOOST_AUTO_TEST_CASE(a_time_without_calls_is_no_stall) {
  now += 24h;
  detector.start(now);
  BOOST_TEST((detector.stalled_for(now + 100ms) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
