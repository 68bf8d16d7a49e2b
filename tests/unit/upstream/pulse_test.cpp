// An answer that the loop finds after a sleep may be as old as the sleep.
#include "src/upstream/pulse.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using namespace std::chrono_literals;

namespace {

struct Beating {
  Beating() {
    pulse.start(now);
    for (int i = 0; i < 5; ++i)
      beat(1s);
  }
  void beat(Duration after) {
    now += after;
    pulse.beat(now);
  }
  Reckoned now = Reckoned(1000h);
  upstream::Pulse pulse;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pulse, Beating)

BOOST_AUTO_TEST_CASE(while_the_loop_runs_an_answer_is_new) {
  BOOST_TEST((pulse.asleep(now) == 0s));
  BOOST_TEST((pulse.asleep(now + 999ms) == 0s));
}

BOOST_AUTO_TEST_CASE(after_a_sleep_an_answer_is_as_old_as_the_sleep_whichever_comes_first) {
  BOOST_TEST((pulse.asleep(now + 55s) >= 55s));
  beat(55s);
  BOOST_TEST((pulse.asleep(now) >= 55s));
  BOOST_TEST((pulse.asleep(now + 900ms) >= 55s));
}

BOOST_AUTO_TEST_CASE(two_beats_later_it_is_awake_again) {
  beat(55s);
  beat(1s);
  BOOST_TEST((pulse.asleep(now) == 0s));
}

BOOST_AUTO_TEST_CASE(a_busy_second_is_no_sleep) {
  beat(1900ms);
  BOOST_TEST((pulse.asleep(now) == 0s));
}

BOOST_AUTO_TEST_CASE(the_first_call_after_a_quiet_time_finds_it_awake) {
  now += 24h;
  pulse.start(now);
  BOOST_TEST((pulse.asleep(now + 100ms) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
