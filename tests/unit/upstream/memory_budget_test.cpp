// How answers share the memory there is for them.
#include "src/upstream/memory_budget.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>

namespace bankconnect::test {
namespace {

using upstream::MemoryBudget;
using Share = std::shared_ptr<MemoryBudget::Share>;

struct HundredBytes {
  boost::asio::io_context loop;
  MemoryBudget budget{loop, 100};

  /// Whether it has them at once.
  bool grows(const Share& share, std::uint64_t bytes) {
    begin_to_grow(share, bytes);
    settle();
    return share->bytes() >= bytes;
  }
  void begin_to_grow(Share share, std::uint64_t bytes) {
    boost::asio::co_spawn(
        loop,
        [share, bytes, this]() -> boost::asio::awaitable<void> {
          co_await share->grow(bytes);
          ++grown;
        },
        boost::asio::detached);
  }
  void settle() {
    loop.restart();
    loop.poll();
  }
  int grown = 0;  ///< how often a share was told that it has what it asked for
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_budget, HundredBytes)

BOOST_AUTO_TEST_CASE(shares_grow_while_there_is_room) {
  const Share first = budget.share();
  const Share second = budget.share();
  BOOST_TEST(grows(first, 60));
  BOOST_TEST(grows(second, 40));
  BOOST_TEST(budget.used() == 100U);
  BOOST_TEST(grown == 2);
}

BOOST_AUTO_TEST_CASE(a_share_waits_until_another_ends) {
  Share first = budget.share();
  const Share second = budget.share();
  grows(first, 60);
  BOOST_TEST(!grows(second, 41));
  BOOST_TEST(grown == 1);
  first.reset();
  settle();
  BOOST_TEST(second->bytes() == 41U);
  BOOST_TEST(grown == 2);
}

BOOST_AUTO_TEST_CASE(the_oldest_share_gets_more_than_there_is) {
  const Share first = budget.share();
  const Share second = budget.share();
  grows(first, 10);
  grows(second, 80);
  BOOST_TEST(!grows(second, 95));
  BOOST_TEST(grows(first, 500));
}

BOOST_AUTO_TEST_CASE(of_two_that_wait_for_each_other_the_older_goes_on) {
  Share first = budget.share();
  const Share second = budget.share();
  grows(first, 50);
  grows(second, 50);
  begin_to_grow(second, 100);
  begin_to_grow(first, 100);
  settle();
  BOOST_TEST(first->bytes() == 100U);
  BOOST_TEST(second->bytes() == 50U);
  first.reset();
  settle();
  BOOST_TEST(second->bytes() == 100U);
}

BOOST_AUTO_TEST_CASE(a_small_wish_does_not_overtake_an_older_large_one) {
  Share first = budget.share();
  const Share second = budget.share();
  const Share third = budget.share();
  grows(first, 60);
  BOOST_TEST(!grows(second, 90));
  BOOST_TEST(!grows(third, 1));
  first.reset();
  settle();
  BOOST_TEST(second->bytes() == 90U);
  BOOST_TEST(third->bytes() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_read_keeps_what_is_left_of_it) {
  const Share first = budget.share();
  const Share second = budget.share();
  grows(first, 90);
  BOOST_TEST(!grows(second, 80));
  first->settle(20);
  settle();
  BOOST_TEST(budget.used() == 100U);
  BOOST_TEST(second->bytes() == 80U);
}

BOOST_AUTO_TEST_CASE(while_what_was_read_and_waits_for_the_disk_has_all_of_it_no_answer_is_read) {
  Share stored = budget.share();
  grows(stored, 10);
  stored->settle(100);
  const Share first = budget.share();
  BOOST_TEST(!budget.has(1));
  BOOST_TEST(!first->try_grow(1));
  BOOST_TEST(!grows(first, 50));
  stored.reset();
  settle();
  BOOST_TEST(first->bytes() == 50U);
}

BOOST_AUTO_TEST_CASE(with_nothing_to_share_what_was_read_has_to_be_on_disk_first) {
  budget.set_bytes(0);
  Share stored = budget.share();
  grows(stored, 10);
  stored->settle(5);
  const Share first = budget.share();
  BOOST_TEST(!grows(first, 50));
  stored.reset();
  settle();
  BOOST_TEST(first->bytes() == 50U);
}

BOOST_AUTO_TEST_CASE(what_is_free_can_be_had_without_waiting) {
  const Share first = budget.share();
  BOOST_TEST(first->try_grow(100));
  BOOST_TEST(!budget.has(1));
  BOOST_TEST(!budget.share()->try_grow(1));
  BOOST_TEST(budget.used() == 100U);
}

BOOST_AUTO_TEST_CASE(with_nothing_to_share_one_answer_is_read_after_the_other) {
  budget.set_bytes(0);
  Share first = budget.share();
  const Share second = budget.share();
  BOOST_TEST(grows(first, 50));
  BOOST_TEST(!grows(second, 50));
  first.reset();
  settle();
  BOOST_TEST(second->bytes() == 50U);
}

BOOST_AUTO_TEST_CASE(a_larger_budget_lets_those_go_on_that_wait) {
  const Share first = budget.share();
  const Share second = budget.share();
  grows(first, 100);
  BOOST_TEST(!grows(second, 50));
  budget.set_bytes(150);
  settle();
  BOOST_TEST(second->bytes() == 50U);
}

BOOST_AUTO_TEST_CASE(a_payload_has_its_share_until_it_ends_on_whatever_thread) {
  auto payload = std::make_shared<Payload>();
  payload->compressed = std::string(30, 'x');
  Share share = budget.share();
  grows(share, 90);
  std::shared_ptr<const Payload> held = upstream::with_share(std::move(payload), std::move(share));
  BOOST_TEST(budget.used() == 30U);
  std::thread([held = std::move(held)]() mutable { held.reset(); }).join();
  BOOST_TEST(budget.used() == 0U);
}

BOOST_AUTO_TEST_CASE(a_share_may_outlive_the_budget) {
  std::optional<MemoryBudget> other(std::in_place, loop, 100);
  const Share share = other->share();
  grows(share, 10);
  other.reset();
  BOOST_TEST(share->bytes() == 10U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
