// The slots of sessions in memory: phases, erasures and submissions that overtake each other, and slots that
// are used again while callbacks still name the session that was in them.
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

#include "src/follow/sessions.hpp"
#include "tests/unit/follow/webhook_values.hpp"

namespace bankconnect::test {

using follow::Phase;
using follow::RequestNumber;
using follow::Sessions;
using follow::Slot;
using follow::Tracked;

namespace {

Session session_of(const SessionId& id) {
  Session session;
  session.id = id;
  return session;
}

struct InMemory {
  Sessions sessions{42};

  /// A waiting session, brought by this request.
  Slot place(const SessionId& id, RequestNumber request = 1) {
    const Slot slot = sessions.slot_for(id);
    sessions.place(slot, session_of(id), request);
    sessions.update_phase(slot);
    return slot;
  }
  /// The session leaves memory; its slot is freed when nothing else is under way.
  void remove(Slot slot) {
    sessions.remove(slot);
    sessions.update_phase(slot);
  }
  Phase phase(Slot slot) { return sessions.update_phase(slot); }
  std::vector<Slot> visited() {
    std::vector<Slot> out;
    sessions.for_each([&](Slot slot, Tracked&) { out.push_back(slot); });
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sessions, InMemory)

BOOST_AUTO_TEST_CASE(an_id_that_was_never_mentioned_has_no_slot) {
  BOOST_TEST(!sessions.find(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(an_id_is_found_in_the_slot_it_was_given) {
  sessions.slot_for(kTwo);
  const Slot slot = sessions.slot_for(kOne);
  BOOST_TEST((sessions.find(kOne) == slot));
}

BOOST_AUTO_TEST_CASE(an_id_that_has_a_slot_keeps_it) {
  const Slot slot = sessions.slot_for(kOne);
  BOOST_TEST(sessions.slot_for(kOne) == slot);
}

BOOST_AUTO_TEST_CASE(a_new_slot_carries_its_id_and_holds_no_session) {
  const Slot slot = sessions.slot_for(kOne);
  BOOST_TEST((sessions[slot].session.id == kOne));
  BOOST_TEST(!sessions[slot].holds_session());
  BOOST_TEST((sessions[slot].phase() == Phase::vacant));
}

BOOST_AUTO_TEST_CASE(a_slot_without_a_session_is_not_followed) {
  sessions.slot_for(kOne);
  BOOST_TEST(!sessions.find_followed(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(a_placed_session_is_followed) {
  const Slot slot = place(kOne);
  BOOST_TEST((sessions.find_followed(kOne) == slot));
}

BOOST_AUTO_TEST_CASE(only_slots_that_hold_a_session_count) {
  place(kOne);
  sessions.slot_for(kTwo);
  BOOST_TEST(sessions.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_removed_session_counts_no_more) {
  remove(place(kOne));
  BOOST_TEST(sessions.size() == 0U);
}

BOOST_AUTO_TEST_CASE(every_session_is_visited_once_and_no_empty_slot_is) {
  const Slot erased = place(SessionId{{10}});
  const Slot gone = place(SessionId{{11}});
  const Slot kept = place(SessionId{{12}});
  sessions.begin_erasure(erased, 2);
  remove(gone);
  sessions.slot_for(kTwo);
  BOOST_TEST((visited() == std::vector{erased, kept}));
}

BOOST_AUTO_TEST_CASE(a_session_stays_where_it_is_while_others_come) {
  const Tracked* const before = &sessions[place(SessionId{{1}})];
  for (std::uint8_t i = 0; i < 255; ++i) {
    for (std::uint8_t j = 0; j < 20; ++j)
      place(SessionId{{2, i, j}});
  }
  BOOST_TEST(&sessions[*sessions.find(SessionId{{1}})] == before);
}

BOOST_AUTO_TEST_CASE(a_session_with_nothing_under_way_waits) {
  BOOST_TEST((phase(place(kOne)) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(a_session_is_committing_until_its_last_write_is_on_disk) {
  const Slot slot = place(kOne);
  sessions[slot].commits = 2;
  BOOST_TEST((phase(slot) == Phase::committing));
  sessions[slot].commits = 1;
  BOOST_TEST((phase(slot) == Phase::committing));
  sessions[slot].commits = 0;
  BOOST_TEST((phase(slot) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(a_session_with_a_call_in_flight_is_being_asked_also_while_it_is_written) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  sessions[slot].commits = 1;
  BOOST_TEST((phase(slot) == Phase::asking));
}

BOOST_AUTO_TEST_CASE(a_session_under_erasure_is_erasing_also_while_a_call_is_in_flight) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  sessions.begin_erasure(slot, 2);
  BOOST_TEST((phase(slot) == Phase::erasing));
}

BOOST_AUTO_TEST_CASE(a_phase_changes_only_when_it_is_updated) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  BOOST_TEST((sessions[slot].phase() == Phase::waiting));
  sessions.update_phase(slot);
  BOOST_TEST((sessions[slot].phase() == Phase::asking));
}

BOOST_AUTO_TEST_CASE(a_session_under_erasure_is_found_and_not_followed) {
  const Slot slot = place(kOne, 1);
  sessions.begin_erasure(slot, 2);
  BOOST_TEST((sessions.find(kOne) == slot));
  BOOST_TEST(!sessions.find_followed(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(a_session_restored_at_the_start_is_erased_by_any_erasure) {
  const Slot slot = place(kOne, 0);
  sessions.begin_erasure(slot, 1);
  BOOST_TEST((phase(slot) == Phase::erasing));
}

BOOST_AUTO_TEST_CASE(a_session_submitted_after_the_erasure_was_asked_for_is_followed) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 2);
  sessions.place(slot, session_of(kOne), 3);
  BOOST_TEST(sessions.find_followed(kOne).has_value());
  BOOST_TEST((phase(slot) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(a_session_submitted_before_the_erasure_and_stored_after_it_is_not_followed) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 2);
  sessions.place(slot, session_of(kOne), 1);
  BOOST_TEST(!sessions.find_followed(kOne).has_value());
  BOOST_TEST((phase(slot) == Phase::erasing));
}

BOOST_AUTO_TEST_CASE(a_session_whose_erasure_failed_is_followed_again) {
  const Slot slot = place(kOne, 1);
  sessions.begin_erasure(slot, 2);
  sessions.end_erasure(slot, 2);
  BOOST_TEST(sessions.find_followed(kOne).has_value());
  BOOST_TEST((phase(slot) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(a_later_erasure_that_ends_leaves_an_earlier_one_under_way) {
  const Slot slot = place(kOne, 1);
  sessions.begin_erasure(slot, 2);
  sessions.begin_erasure(slot, 3);
  sessions.end_erasure(slot, 3);
  BOOST_TEST((phase(slot) == Phase::erasing));
  BOOST_TEST(!sessions.find_followed(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(an_erasure_that_ends_leaves_a_later_one_under_way) {
  const Slot slot = place(kOne, 1);
  sessions.begin_erasure(slot, 2);
  sessions.begin_erasure(slot, 3);
  sessions.end_erasure(slot, 2);
  BOOST_TEST((phase(slot) == Phase::erasing));
}

BOOST_AUTO_TEST_CASE(an_id_was_erased_since_a_request_that_came_before_the_erasure_only) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 5);
  BOOST_TEST(sessions[slot].erased_since(4));
  BOOST_TEST(!sessions[slot].erased_since(5));
  BOOST_TEST(!sessions[slot].erased_since(6));
}

BOOST_AUTO_TEST_CASE(an_erasure_that_is_over_erased_nothing_asked_for_before_it) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 5);
  sessions.end_erasure(slot, 5);
  BOOST_TEST(!sessions[slot].erased_since(4));
}

BOOST_AUTO_TEST_CASE(a_session_was_held_before_requests_later_than_the_one_that_brought_it_only) {
  const Slot slot = place(kOne, 5);
  BOOST_TEST(!sessions[slot].held_before(4));
  BOOST_TEST(!sessions[slot].held_before(5));
  BOOST_TEST(sessions[slot].held_before(6));
}

BOOST_AUTO_TEST_CASE(a_slot_without_a_session_was_held_before_no_request) {
  BOOST_TEST(!sessions[sessions.slot_for(kOne)].held_before(6));
}

BOOST_AUTO_TEST_CASE(an_id_that_has_nothing_left_under_way_loses_its_slot) {
  remove(place(kOne));
  BOOST_TEST(!sessions.find(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(an_id_keeps_its_slot_while_a_call_of_its_removed_session_is_in_flight) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  remove(slot);
  BOOST_TEST((sessions[slot].phase() == Phase::asking));
  BOOST_TEST((sessions.find(kOne) == slot));
  BOOST_TEST(sessions.slot_for(kTwo) != slot);
}

BOOST_AUTO_TEST_CASE(an_id_keeps_its_slot_while_its_erasure_is_under_way) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 1);
  BOOST_TEST((phase(slot) == Phase::erasing));
  BOOST_TEST((sessions.find(kOne) == slot));
}

BOOST_AUTO_TEST_CASE(a_slot_without_a_session_is_asking_before_it_is_erasing) {
  const Slot slot = sessions.slot_for(kOne);
  sessions.begin_erasure(slot, 1);
  sessions[slot].call_in_flight = true;
  BOOST_TEST((phase(slot) == Phase::asking));
}

BOOST_AUTO_TEST_CASE(the_slot_is_freed_once_the_last_thing_under_way_is_over) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  sessions.begin_erasure(slot, 2);
  remove(slot);
  sessions.end_erasure(slot, 2);
  BOOST_TEST((phase(slot) == Phase::asking));
  sessions[slot].call_in_flight = false;
  BOOST_TEST((phase(slot) == Phase::vacant));
  BOOST_TEST(!sessions.find(kOne).has_value());
}

BOOST_AUTO_TEST_CASE(a_new_session_of_an_id_waits_for_the_call_of_the_one_before) {
  const Slot slot = place(kOne);
  sessions[slot].call_in_flight = true;
  remove(slot);
  BOOST_TEST(place(kOne, 2) == slot);
  BOOST_TEST((phase(slot) == Phase::asking));
  sessions[slot].call_in_flight = false;
  BOOST_TEST((phase(slot) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(writes_of_the_session_before_do_not_keep_a_new_session_of_its_id_committing) {
  const Slot slot = place(kOne);
  sessions[slot].commits = 1;
  sessions[slot].call_in_flight = true;
  remove(slot);
  place(kOne, 2);
  sessions[slot].call_in_flight = false;
  BOOST_TEST((phase(slot) == Phase::waiting));
}

BOOST_AUTO_TEST_CASE(a_new_session_of_an_id_in_the_same_slot_has_another_generation) {
  const Slot slot = place(kOne);
  const auto generation = sessions[slot].generation;
  sessions[slot].call_in_flight = true;
  remove(slot);
  BOOST_TEST(place(kOne, 2) == slot);
  BOOST_TEST(sessions[slot].generation != generation);
}

BOOST_AUTO_TEST_CASE(a_freed_slot_is_given_to_the_next_id) {
  const Slot slot = place(kOne);
  remove(slot);
  BOOST_TEST(sessions.slot_for(kTwo) == slot);
}

BOOST_AUTO_TEST_CASE(a_freed_slot_is_given_to_one_id_however_often_its_phase_was_updated) {
  const Slot slot = place(kOne);
  remove(slot);
  sessions.update_phase(slot);
  BOOST_TEST(sessions.slot_for(kOne) != sessions.slot_for(kTwo));
}

BOOST_AUTO_TEST_CASE(each_session_of_a_slot_has_a_generation_of_its_own) {
  std::set<std::uint32_t> generations;
  for (std::uint8_t i = 0; i < 10; ++i) {
    const Slot slot = place(SessionId{{i}});
    BOOST_REQUIRE(slot == 0U);
    generations.insert(sessions[slot].generation);
    remove(slot);
  }
  BOOST_TEST(generations.size() == 10U);
}

BOOST_AUTO_TEST_CASE(a_slot_that_was_freed_without_a_session_has_another_generation_too) {
  const Slot slot = sessions.slot_for(kOne);
  const auto generation = sessions[slot].generation;
  sessions.update_phase(slot);
  BOOST_REQUIRE(sessions.slot_for(kTwo) == slot);
  BOOST_TEST(sessions[slot].generation != generation);
}

BOOST_AUTO_TEST_CASE(a_session_keeps_its_generation_through_calls_writes_and_failed_erasures) {
  const Slot slot = place(kOne);
  const auto generation = sessions[slot].generation;
  sessions[slot].call_in_flight = true;
  sessions.update_phase(slot);
  sessions[slot].call_in_flight = false;
  sessions[slot].commits = 1;
  sessions.update_phase(slot);
  sessions[slot].commits = 0;
  sessions.begin_erasure(slot, 2);
  sessions.update_phase(slot);
  sessions.end_erasure(slot, 2);
  sessions.update_phase(slot);
  BOOST_TEST(sessions[slot].generation == generation);
}

BOOST_AUTO_TEST_CASE(a_slot_used_again_carries_nothing_of_the_session_before) {
  const Slot slot = place(kOne);
  sessions[slot].session.durable.hold = true;
  sessions[slot].session.in_memory.attempts = 7;
  sessions[slot].last_error = std::make_unique<LastError>();
  sessions[slot].commits = 3;
  sessions[slot].failed_alike = true;
  remove(slot);
  BOOST_REQUIRE(sessions.slot_for(kTwo) == slot);
  const Tracked& tracked = sessions[slot];
  BOOST_TEST((tracked.session.id == kTwo));
  BOOST_TEST((tracked.session.durable == Durable{}));
  BOOST_TEST(tracked.session.in_memory.attempts == 0U);
  BOOST_TEST(tracked.last_error.get() == nullptr);
  BOOST_TEST(tracked.commits == 0U);
  BOOST_TEST(!tracked.failed_alike);
}

BOOST_AUTO_TEST_CASE(a_slot_used_again_is_not_under_the_erasure_of_the_id_before) {
  const Slot slot = place(kOne, 1);
  sessions.begin_erasure(slot, 9);
  sessions.end_erasure(slot, 9);
  remove(slot);
  BOOST_REQUIRE(place(kTwo, 3) == slot);
  BOOST_TEST(sessions.find_followed(kTwo).has_value());
}

BOOST_AUTO_TEST_CASE(ids_and_slots_agree_with_a_plain_map_over_a_long_random_history) {
  std::mt19937 random(42);
  std::map<SessionId, Slot> truth;
  for (int i = 0; i < 20'000; ++i) {
    const SessionId id{{static_cast<std::uint8_t>(random() % 100)}};
    if (const auto known = truth.find(id); known != truth.end()) {
      remove(known->second);
      truth.erase(known);
    } else {
      truth[id] = place(id);
    }
    BOOST_REQUIRE_EQUAL(sessions.size(), truth.size());
    BOOST_REQUIRE_EQUAL(sessions.find(id).has_value(), truth.contains(id));
    for (const auto& [placed, slot] : truth) {
      BOOST_REQUIRE(sessions.find_followed(placed) == slot);
      BOOST_REQUIRE(sessions[slot].session.id == placed);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
