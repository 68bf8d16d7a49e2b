// The limits that connections share, and which connection is to be closed when one is reached.
#include "src/net/connection_limits.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <set>

namespace bankconnect::test {
namespace {

using net::ConnectionLimits;
using net::Deadline;
using net::kAllWaits;
using net::Wait;
using Id = ConnectionLimits::Id;

constexpr auto kGrace = std::chrono::milliseconds(20);

net::ServerLimits server_limits() {
  net::ServerLimits limits;
  limits.max_connections = 4;
  limits.eviction_grace = kGrace;
  limits.max_bodies = 100;
  return limits;
}

struct LimitsFixture {
  ConnectionLimits limits{server_limits()};
  Deadline now{std::chrono::hours(1)};
  std::set<Id> with_input;  ///< connections that have unread input

  Id add_waiting(Wait wait = Wait::more) {
    const Id id = limits.add();
    limits.begin_wait(id, wait, now);
    return id;
  }
  Id add_with_body(std::uint64_t bytes) {
    const Id id = add_waiting();
    BOOST_REQUIRE(limits.reserve_body(id, bytes));
    return id;
  }
  /// 0: there is none.
  Id candidate() const {
    return limits.eviction_candidate(now, [this](Id id) { return !with_input.contains(id); }).value_or(0);
  }
  Id candidate_after_grace() {
    now += kGrace;
    return candidate();
  }
  Id body_candidate(Id id) const { return limits.body_eviction_candidate(id, now).value_or(0); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connection_limits, LimitsFixture)

BOOST_AUTO_TEST_CASE(it_is_full_at_the_limit_of_connections) {
  for (std::uint32_t count = 0; count < 4; ++count) {
    BOOST_TEST(limits.size() == count);
    BOOST_TEST(!limits.full());
    limits.add();
  }
  BOOST_TEST(limits.full());
}

BOOST_AUTO_TEST_CASE(a_removed_connection_makes_room) {
  const Id first = limits.add();
  for (int i = 0; i < 3; ++i)
    limits.add();
  limits.remove(first);
  limits.remove(first);
  BOOST_TEST(limits.size() == 3U);
  BOOST_TEST(!limits.full());
}

BOOST_AUTO_TEST_CASE(an_id_is_not_used_again) {
  const Id first = limits.add();
  limits.remove(first);
  BOOST_TEST(limits.add() != first);
}

BOOST_AUTO_TEST_CASE(a_connection_that_does_not_wait_is_no_candidate) {
  BOOST_TEST(candidate_after_grace() == 0U);
  limits.add();
  BOOST_TEST(candidate_after_grace() == 0U);
}

BOOST_AUTO_TEST_CASE(the_longest_waiting_connection_is_the_candidate) {
  const Id first = add_waiting();
  const Id second = add_waiting();
  BOOST_TEST(candidate_after_grace() == first);
  limits.remove(first);
  BOOST_TEST(candidate() == second);
}

BOOST_AUTO_TEST_CASE(the_order_is_that_of_the_waits_and_not_of_the_connections) {
  const Id first = limits.add();
  const Id second = limits.add();
  limits.begin_wait(second, Wait::more, now);
  limits.begin_wait(first, Wait::more, now);
  BOOST_TEST(candidate_after_grace() == second);
}

BOOST_AUTO_TEST_CASE(no_connection_is_a_candidate_before_the_grace_period_ends) {
  const Id id = add_waiting();
  BOOST_TEST(candidate() == 0U);
  now += kGrace - std::chrono::nanoseconds(1);
  BOOST_TEST(candidate() == 0U);
  now += std::chrono::nanoseconds(1);
  BOOST_TEST(candidate() == id);
}

BOOST_AUTO_TEST_CASE(the_grace_period_of_a_later_wait_begins_later) {
  const Id first = add_waiting();
  now += kGrace / 2;
  add_waiting();
  now += kGrace / 2;
  BOOST_TEST(candidate() == first);
  limits.remove(first);
  BOOST_TEST(candidate() == 0U);
}

BOOST_AUTO_TEST_CASE(a_connection_with_unread_input_is_spared) {
  const Id first = add_waiting();
  const Id second = add_waiting();
  with_input = {first};
  BOOST_TEST(candidate_after_grace() == second);
  with_input = {first, second};
  BOOST_TEST(candidate() == 0U);
}

BOOST_AUTO_TEST_CASE(input_is_looked_at_only_after_the_grace_period) {
  add_waiting();
  int looks = 0;
  const auto count = [&looks](Id) { return ++looks > 0; };
  BOOST_TEST(!limits.eviction_candidate(now, count).has_value());
  BOOST_TEST(looks == 0);
  BOOST_TEST(limits.eviction_candidate(now + kGrace, count).has_value());
  BOOST_TEST(looks == 1);
}

BOOST_AUTO_TEST_CASE(a_wait_that_ended_is_over) {
  const Id first = add_waiting();
  limits.end_wait(first);
  limits.end_wait(first);
  BOOST_TEST(candidate_after_grace() == 0U);
}

BOOST_AUTO_TEST_CASE(beginning_a_wait_twice_keeps_its_place_and_its_time) {
  const Id first = add_waiting();
  add_waiting();
  now += kGrace;
  limits.begin_wait(first, Wait::more, now);
  BOOST_TEST(candidate() == first);
}

BOOST_AUTO_TEST_CASE(a_wait_that_ended_and_began_again_is_last_and_has_a_new_grace_period) {
  const Id first = add_waiting();
  const Id second = add_waiting();
  now += kGrace;
  limits.end_wait(first);
  limits.begin_wait(first, Wait::more, now);
  BOOST_TEST(candidate() == second);
  limits.remove(second);
  BOOST_TEST(candidate() == 0U);
  BOOST_TEST(candidate_after_grace() == first);
}

BOOST_AUTO_TEST_CASE(a_peer_that_has_done_less_goes_before_one_that_has_waited_longer) {
  for (std::size_t later = 1; later < kAllWaits.size(); ++later) {
    const Id first = add_waiting(kAllWaits[later]);
    now += std::chrono::seconds(10);
    const Id second = add_waiting(kAllWaits[later - 1]);
    now += std::chrono::seconds(10);
    BOOST_TEST(candidate() == second);
    limits.remove(second);
    BOOST_TEST(candidate() == first);
    limits.remove(first);
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_goes_on_has_a_new_grace_period) {
  const Id id = add_waiting(Wait::first_byte);
  now += kGrace;
  limits.begin_wait(id, Wait::more, now);
  BOOST_TEST(candidate() == 0U);
  BOOST_TEST(candidate_after_grace() == id);
}

BOOST_AUTO_TEST_CASE(while_a_peer_that_has_sent_nothing_is_in_its_grace_period_it_is_waited_for) {
  const Id begun = add_waiting(Wait::more);
  now += std::chrono::seconds(1);
  const Id silent = add_waiting(Wait::first_byte);
  BOOST_TEST(candidate() == 0U);
  BOOST_TEST(candidate_after_grace() == silent);
  with_input = {silent};
  BOOST_TEST(candidate() == begun);
}

BOOST_AUTO_TEST_CASE(one_silent_peer_among_many_that_have_begun_keeps_nobody_waiting) {
  const Id begun = add_waiting(Wait::more);
  add_waiting(Wait::more);
  add_waiting(Wait::more);
  now += std::chrono::seconds(1);
  add_waiting(Wait::first_byte);
  BOOST_TEST(candidate() == begun);
}

BOOST_AUTO_TEST_CASE(where_half_of_the_peers_do_not_read_their_response_they_have_the_grace_of_all) {
  const Id id = add_waiting(Wait::reading);
  limits.add();
  BOOST_TEST(candidate() == 0U);
  BOOST_TEST(candidate_after_grace() == id);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_its_response_has_five_seconds) {
  limits.add();
  limits.add();
  const Id id = add_waiting(Wait::reading);
  now += std::chrono::milliseconds(4999);
  BOOST_TEST(candidate() == 0U);
  now += std::chrono::milliseconds(1);
  BOOST_TEST(candidate() == id);
}

BOOST_AUTO_TEST_CASE(lingering_connections_are_candidates_before_waiting_ones) {
  const Id waiting = add_waiting();
  now += kGrace;
  const Id first = limits.add();
  const Id second = limits.add();
  limits.linger(second);
  limits.linger(first);
  BOOST_TEST(candidate() == second);
  limits.remove(second);
  BOOST_TEST(candidate() == first);
  limits.remove(first);
  BOOST_TEST(candidate() == waiting);
}

BOOST_AUTO_TEST_CASE(a_lingering_connection_has_no_grace_period_and_its_input_does_not_matter) {
  const Id id = add_waiting();
  with_input = {id};
  limits.linger(id);
  BOOST_TEST(candidate() == id);
}

BOOST_AUTO_TEST_CASE(a_lingering_connection_waits_no_more) {
  const Id id = add_waiting();
  limits.linger(id);
  limits.end_wait(id);
  BOOST_TEST(candidate_after_grace() == 0U);
}

BOOST_AUTO_TEST_CASE(body_bytes_are_limited_over_all_connections) {
  const Id first = add_with_body(60);
  const Id second = limits.add();
  BOOST_TEST(!limits.reserve_body(second, 41));
  BOOST_TEST(limits.reserve_body(second, 40));
  BOOST_TEST(!limits.reserve_body(first, 1));
  BOOST_TEST(limits.reserve_body(first, 0));
}

BOOST_AUTO_TEST_CASE(a_body_larger_than_the_limit_is_refused_whatever_its_size) {
  const Id id = limits.add();
  BOOST_TEST(!limits.reserve_body(id, 101));
  BOOST_TEST(!limits.reserve_body(id, std::numeric_limits<std::uint64_t>::max()));
  BOOST_REQUIRE(limits.reserve_body(id, 1));
  BOOST_TEST(!limits.reserve_body(id, std::numeric_limits<std::uint64_t>::max()));
}

BOOST_AUTO_TEST_CASE(released_body_bytes_can_be_reserved_again) {
  const Id id = limits.add();
  BOOST_REQUIRE(limits.reserve_body(id, 50));
  BOOST_REQUIRE(limits.reserve_body(id, 50));
  limits.release(id);
  limits.release(id);
  BOOST_TEST(!limits.reserve_body(id, 101));
  BOOST_TEST(limits.reserve_body(id, 100));
}

BOOST_AUTO_TEST_CASE(a_lingering_connection_holds_no_body_bytes_and_no_stream_slot) {
  const Id id = add_with_body(100);
  BOOST_REQUIRE(limits.acquire_stream_slot(limits.add()));
  BOOST_REQUIRE(limits.acquire_stream_slot(id));
  limits.linger(id);
  const Id other = limits.add();
  BOOST_TEST(limits.reserve_body(other, 100));
  BOOST_TEST(limits.acquire_stream_slot(other));
}

BOOST_AUTO_TEST_CASE(the_longest_waiting_other_connection_with_a_body_is_the_candidate_for_its_bytes) {
  const Id without_body = add_waiting();
  const Id first = add_with_body(10);
  const Id second = add_with_body(90);
  BOOST_TEST(body_candidate(without_body) == first);
  BOOST_TEST(body_candidate(second) == first);
  BOOST_TEST(body_candidate(first) == second);
}

BOOST_AUTO_TEST_CASE(there_is_no_candidate_for_body_bytes_among_connections_that_hold_none_or_do_not_wait) {
  const Id id = add_with_body(10);
  const Id answered = add_with_body(10);
  const Id reading = add_with_body(10);
  add_waiting();
  limits.release(answered);
  limits.end_wait(reading);
  BOOST_TEST(body_candidate(id) == 0U);
}

BOOST_AUTO_TEST_CASE(a_body_needs_no_grace_period_to_be_evicted_for_its_bytes) {
  const Id first = add_with_body(100);
  const Id second = add_waiting();
  with_input = {first};
  BOOST_TEST(body_candidate(second) == first);
}

BOOST_AUTO_TEST_CASE(half_of_the_connections_can_have_a_stream_slot) {
  const Id first = limits.add();
  const Id second = limits.add();
  const Id third = limits.add();
  BOOST_TEST(limits.acquire_stream_slot(first));
  BOOST_TEST(limits.acquire_stream_slot(second));
  BOOST_TEST(!limits.acquire_stream_slot(third));
  limits.release(first);
  BOOST_TEST(limits.acquire_stream_slot(third));
  BOOST_TEST(!limits.acquire_stream_slot(first));
}

BOOST_AUTO_TEST_CASE(a_connection_has_one_stream_slot_at_most) {
  const Id first = limits.add();
  BOOST_TEST(limits.acquire_stream_slot(first));
  BOOST_TEST(limits.acquire_stream_slot(first));
  BOOST_TEST(limits.acquire_stream_slot(limits.add()));
  BOOST_TEST(!limits.acquire_stream_slot(limits.add()));
  BOOST_TEST(limits.acquire_stream_slot(first));
}

BOOST_AUTO_TEST_CASE(there_is_at_least_one_stream_slot) {
  net::ServerLimits one = server_limits();
  one.max_connections = 1;
  ConnectionLimits single(one);
  BOOST_TEST(single.acquire_stream_slot(single.add()));
  BOOST_TEST(!single.acquire_stream_slot(single.add()));
}

BOOST_AUTO_TEST_CASE(removing_a_connection_releases_everything_it_held) {
  const Id id = add_with_body(100);
  const Id other = limits.add();
  BOOST_REQUIRE(limits.acquire_stream_slot(id));
  BOOST_REQUIRE(limits.acquire_stream_slot(other));
  limits.remove(id);
  BOOST_TEST(candidate_after_grace() == 0U);
  BOOST_TEST(body_candidate(other) == 0U);
  BOOST_TEST(limits.reserve_body(other, 100));
  BOOST_TEST(limits.acquire_stream_slot(limits.add()));
}

BOOST_AUTO_TEST_CASE(removing_a_lingering_connection_ends_its_candidacy) {
  const Id id = limits.add();
  limits.linger(id);
  limits.remove(id);
  BOOST_TEST(candidate() == 0U);
}

BOOST_AUTO_TEST_CASE(the_id_of_a_removed_connection_is_ignored) {
  const Id id = limits.add();
  limits.remove(id);
  limits.begin_wait(id, Wait::more, now);
  BOOST_TEST(candidate_after_grace() == 0U);
  limits.linger(id);
  BOOST_TEST(candidate() == 0U);
  limits.end_wait(id);
  limits.release(id);
  BOOST_TEST(!limits.reserve_body(id, 1));
  BOOST_TEST(!limits.acquire_stream_slot(id));
  BOOST_TEST(limits.size() == 0U);
  BOOST_TEST(limits.reserve_body(limits.add(), 100));
}

BOOST_AUTO_TEST_CASE(no_connection_is_evicted_for_the_body_of_a_removed_one) {
  add_with_body(100);
  const Id removed = limits.add();
  limits.remove(removed);
  BOOST_TEST(body_candidate(removed) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
