// By when an answer has to have come how far.
#include "src/upstream/pace.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using namespace std::chrono_literals;
using upstream::Pace;

namespace {

constexpr Pace::Time kBegan{1h};

}  // namespace

BOOST_AUTO_TEST_SUITE(pace)

BOOST_AUTO_TEST_CASE(the_first_byte_is_due_after_the_grace) {
  BOOST_TEST((Pace(kBegan, 5s, 1000).due_after(0) == kBegan + 5s));
}

BOOST_AUTO_TEST_CASE(every_byte_gives_the_time_it_may_take) {
  BOOST_TEST((Pace(kBegan, 5s, 1000).due_after(30'000) == kBegan + 35s));
}

BOOST_AUTO_TEST_CASE(without_a_minimum_nothing_is_ever_due) {
  BOOST_TEST((Pace(kBegan, 5s, 0).due_after(1) == Pace::Time::max()));
}

BOOST_AUTO_TEST_CASE(time_in_which_the_daemon_did_not_read_does_not_count) {
  Pace pace(kBegan, 5s, 1000);
  pace.delayed(20s);
  BOOST_TEST((pace.due_after(0) == kBegan + 25s));
}

BOOST_AUTO_TEST_CASE(a_gibibyte_at_a_byte_a_second_is_due_in_a_gibisecond) {
  BOOST_TEST((Pace(kBegan, 0s, 1).due_after(1ULL << 30) == kBegan + std::chrono::seconds(1 << 30)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
