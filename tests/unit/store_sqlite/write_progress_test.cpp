// How long writes wait and take, as a function of times.
#include "src/store_sqlite/write_progress.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;
using store_sqlite::reason_to_refuse;
using store_sqlite::WriteProgress;

constexpr WriteProgress::Time at(std::chrono::milliseconds time) {
  return WriteProgress::Time(1000s) + time;
}

WriteDelay waiting_for(Duration oldest) {
  WriteDelay delay;
  delay.oldest = oldest;
  return delay;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(write_progress)

BOOST_AUTO_TEST_CASE(nothing_waits_at_first) {
  const WriteProgress progress;
  const WriteDelay delay = progress.delay(at(0s), std::nullopt);
  BOOST_TEST((delay.oldest == 0ms && delay.longest == 0ms && delay.stuck == 0ms));
}

BOOST_AUTO_TEST_CASE(a_commit_under_way_counts_into_the_commit_times) {
  WriteProgress progress;
  progress.commit_began(at(0s));
  const auto times = progress.commit_times(at(3s), at(-1s));
  BOOST_TEST((times.p50 == 3s));
  BOOST_TEST((times.p99 == 4s));  // the age of the write that waits
  BOOST_TEST(times.commits == 0U);
}

BOOST_AUTO_TEST_CASE(one_slow_write_among_thousands_shows_in_the_99th_percentile_while_it_waits) {
  WriteProgress progress;
  for (int i = 0; i < 2000; ++i) {
    progress.commit_began(at(1ms * i));
    progress.commit_ended(at(1ms * i + 1ms), at(1ms * i));
  }
  BOOST_TEST((progress.commit_times(at(2s), std::nullopt).p99 == 1ms));
  BOOST_TEST((progress.commit_times(at(7s), at(2s)).p99 == 5s));
  BOOST_TEST(progress.commit_times(at(7s), at(2s)).commits == 2000U);
}

BOOST_AUTO_TEST_CASE(a_commit_that_failed_is_no_longer_under_way) {
  WriteProgress progress;
  progress.commit_began(at(0s));
  progress.commit_failed();
  BOOST_TEST((progress.commit_times(at(9s), std::nullopt).p50 == 0ms));
}

BOOST_AUTO_TEST_CASE(the_longest_wait_is_remembered_for_eight_seconds) {
  WriteProgress progress;
  progress.commit_began(at(0s));
  progress.commit_ended(at(3s), at(-1s));
  for (int i = 0; i < 10; ++i) {
    progress.commit_began(at(3s + 100ms * i));
    progress.commit_ended(at(3s + 100ms * i + 2ms), at(3s + 100ms * i));
  }
  BOOST_TEST((progress.delay(at(11s), std::nullopt).longest == 4s));
  BOOST_TEST((progress.delay(at(11s + 1ms), std::nullopt).longest == 2ms));
  BOOST_TEST((progress.delay(at(13s), std::nullopt).longest == 0ms));
}

BOOST_AUTO_TEST_CASE(what_waits_now_is_the_longest_when_it_has_waited_longest) {
  WriteProgress progress;
  progress.commit_began(at(0s));
  progress.commit_ended(at(1s), at(0s));
  const WriteDelay delay = progress.delay(at(5s), at(2s));
  BOOST_TEST((delay.oldest == 3s));
  BOOST_TEST((delay.longest == 3s));
}

BOOST_AUTO_TEST_CASE(the_store_is_stuck_from_the_last_step_it_began_until_it_is_idle) {
  WriteProgress progress;
  progress.step_began(at(0s));
  progress.commit_began(at(1s));
  BOOST_TEST((progress.delay(at(31s), std::nullopt).stuck == 30s));
  progress.commit_ended(at(31s), at(0s));
  progress.idle();
  BOOST_TEST((progress.delay(at(32s), std::nullopt).stuck == 0ms));
}

BOOST_AUTO_TEST_CASE(clients_are_refused_from_ten_seconds_on) {
  BOOST_TEST(!reason_to_refuse(waiting_for(9999ms), 0, 1).has_value());
  const auto refused = reason_to_refuse(waiting_for(10s), 0, 1);
  BOOST_TEST_REQUIRE(refused.has_value());
  BOOST_TEST(refused->message == "the disk does not answer: a write has waited for 10 s; nothing was stored");
}

BOOST_AUTO_TEST_CASE(clients_are_refused_when_64_MiB_would_wait_and_one_larger_request_is_queued_alone) {
  constexpr std::uint64_t kMiB = 1 << 20;
  BOOST_TEST(!reason_to_refuse({}, 63 * kMiB, kMiB).has_value());
  BOOST_TEST(reason_to_refuse({}, 63 * kMiB, kMiB + 1).has_value());
  BOOST_TEST(!reason_to_refuse({}, 0, 100 * kMiB).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
