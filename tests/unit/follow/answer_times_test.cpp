// How long a poll may take before its session counts as slow.
#include "src/follow/answer_times.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::AnswerTimes;

BOOST_AUTO_TEST_SUITE(answer_times)

BOOST_AUTO_TEST_CASE(before_any_poll_was_answered_three_seconds_are_in_time) {
  BOOST_TEST((AnswerTimes().in_time() == 3s));
}

BOOST_AUTO_TEST_CASE(quick_answers_do_not_lower_it) {
  AnswerTimes times;
  for (int i = 0; i < 100; ++i)
    times.add(10ms);
  BOOST_TEST((times.in_time() == 3s));
}

BOOST_AUTO_TEST_CASE(the_first_answer_is_learned_from_at_once) {
  AnswerTimes times;
  times.add(2s);
  BOOST_TEST((times.in_time() == 16s));
}

BOOST_AUTO_TEST_CASE(fewer_than_half_slow_answers_do_not_raise_it) {
  AnswerTimes times;
  for (int i = 0; i < 200; ++i)
    times.add(i % 3 == 0 ? Duration(20s) : Duration(10ms));
  BOOST_TEST((times.in_time() == 3s));
}

BOOST_AUTO_TEST_CASE(only_the_latest_count) {
  AnswerTimes times;
  for (int i = 0; i < 200; ++i)
    times.add(2s);
  for (int i = 0; i < 64; ++i)
    times.add(10ms);
  BOOST_TEST((times.in_time() == 3s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
