#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "src/follow/due_queue.hpp"

namespace bankconnect::test {

using follow::DueQueue;
using follow::Slot;

BOOST_AUTO_TEST_SUITE(due_queue)

BOOST_AUTO_TEST_CASE(an_empty_queue_is_never_due) {
  const DueQueue queue;
  BOOST_TEST(!queue.first().has_value());
  BOOST_TEST((queue.first_due() == kNever));
}

BOOST_AUTO_TEST_CASE(a_slot_put_in_twice_moves) {
  DueQueue queue;
  queue.put(1, Steady(Duration(10)));
  queue.put(2, Steady(Duration(20)));
  queue.put(1, Steady(Duration(30)));
  BOOST_TEST(queue.size() == 2U);
  BOOST_TEST(*queue.first() == 2U);
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_plain_map_over_a_long_random_history) {
  std::mt19937 random(42);
  DueQueue queue;
  std::map<Slot, Steady> truth;
  for (int i = 0; i < 50'000; ++i) {
    const Slot slot = static_cast<Slot>(random() % 500);
    if (random() % 3 == 0) {
      queue.remove(slot);
      truth.erase(slot);
    } else {
      const Steady due(Duration(static_cast<std::int64_t>(random() % 1000)));
      queue.put(slot, due);
      truth[slot] = due;
    }
    BOOST_REQUIRE_EQUAL(queue.size(), truth.size());
    if (truth.empty()) continue;
    Steady earliest = kNever;
    for (const auto& [_, due] : truth)
      earliest = std::min(earliest, due);
    BOOST_REQUIRE(queue.first_due() == earliest);
    BOOST_REQUIRE(truth.at(*queue.first()) == earliest);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
