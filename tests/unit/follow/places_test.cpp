// Which turn may take a place among the calls in flight.
#include "src/follow/places.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using follow::kAllTurns;
using follow::Places;
using follow::Turn;

namespace {

/// Takes places until none is free for the turn; returns how many.
std::uint32_t fill(Places& places, Turn turn) {
  std::uint32_t taken = 0;
  for (; places.free(turn); ++taken)
    places.take(turn);
  return taken;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(places)

BOOST_AUTO_TEST_CASE(polls_may_take_all_places) {
  Places places(32);
  BOOST_TEST(fill(places, Turn::poll) == 32U);
  for (const Turn turn : kAllTurns)
    BOOST_TEST(!places.free(turn));
}

BOOST_AUTO_TEST_CASE(slow_sessions_share_a_quarter) {
  Places places(32);
  BOOST_TEST(fill(places, Turn::slow) == 8U);
}

BOOST_AUTO_TEST_CASE(urgent_calls_leave_a_quarter_to_polls) {
  Places places(32);
  BOOST_TEST(fill(places, Turn::urgent) == 24U);
  BOOST_TEST(fill(places, Turn::poll) == 8U);
}

BOOST_AUTO_TEST_CASE(fetches_leave_places_to_initiate_besides) {
  Places places(32);
  BOOST_TEST(fill(places, Turn::fetch) == 20U);
  BOOST_TEST(!places.free_for_fetch());
  BOOST_TEST(fill(places, Turn::urgent) == 4U);
  BOOST_TEST(fill(places, Turn::poll) == 8U);
}

BOOST_AUTO_TEST_CASE(slow_and_urgent_calls_together_leave_a_quarter_to_polls) {
  Places places(32);
  BOOST_TEST(fill(places, Turn::slow) == 8U);
  BOOST_TEST(fill(places, Turn::urgent) == 16U);
  BOOST_TEST(fill(places, Turn::poll) == 8U);
}

BOOST_AUTO_TEST_CASE(a_place_that_is_given_back_is_free_again) {
  Places places(4);
  fill(places, Turn::poll);
  places.give_back(Turn::poll, true);
  BOOST_TEST(places.taken() == 3U);
  BOOST_TEST(places.free(Turn::poll));
}

BOOST_AUTO_TEST_CASE(slow_sessions_that_are_answered_in_time_get_more_places_and_never_those_kept_for_polls) {
  Places places(32);
  for (int i = 0; i < 100; ++i) {
    places.take(Turn::slow);
    places.give_back(Turn::slow, true);
  }
  BOOST_TEST(fill(places, Turn::slow) == 24U);
}

BOOST_AUTO_TEST_CASE(slow_sessions_share_a_quarter_again_after_one_was_not_answered_in_time) {
  Places places(32);
  for (int i = 0; i < 100; ++i) {
    places.take(Turn::slow);
    places.give_back(Turn::slow, true);
  }
  places.take(Turn::slow);
  places.give_back(Turn::slow, false);
  BOOST_TEST(fill(places, Turn::slow) == 8U);
}

BOOST_AUTO_TEST_CASE(of_few_places_one_is_kept_for_polls_and_every_turn_may_have_one) {
  for (const std::uint32_t all : {2U, 3U}) {
    for (const Turn turn : kAllTurns) {
      Places places(all);
      BOOST_TEST(fill(places, turn) >= 1U);
      if (turn == Turn::slow || turn == Turn::urgent) BOOST_TEST(places.free(Turn::poll));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_single_place_is_for_every_turn) {
  for (const Turn turn : kAllTurns) {
    Places places(1);
    BOOST_TEST(fill(places, turn) == 1U);
    BOOST_TEST(!places.free(Turn::poll));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
