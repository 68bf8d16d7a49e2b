// Which slot is served next: due times, the order of the five queues, and the alternation of probes.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "src/follow/schedule.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using follow::kAllTurns;
using follow::OpenTurns;
using follow::Schedule;
using follow::Slot;
using follow::Turn;

namespace {

OpenTurns all_open_but(std::initializer_list<Turn> closed) {
  OpenTurns open;
  for (const Turn turn : kAllTurns)
    open[turn] = std::ranges::find(closed, turn) == closed.end();
  return open;
}

constexpr Steady second(int seconds) {
  return Steady(std::chrono::seconds(seconds));
}

struct Waiting {
  Schedule schedule;
  std::map<Slot, Turn> turn_now;  ///< of slots whose urgent turn has passed
  OpenTurns open = all_open_but({});

  std::optional<Slot> next(int now, bool probing = false) {
    return schedule.next(second(now), open, probing, [this](Slot slot) {
      const auto found = turn_now.find(slot);
      return found == turn_now.end() ? Turn::urgent : found->second;
    });
  }
  std::optional<Slot> probe(int now) { return next(now, true); }
  /// The order in which all slots are served that are due.
  std::vector<Slot> served(int now, bool probing = false) {
    std::vector<Slot> out;
    constexpr std::size_t kMoreThanAnyTestPutsIn = 1000;
    while (out.size() < kMoreThanAnyTestPutsIn) {
      const auto slot = next(now, probing);
      if (!slot) break;
      out.push_back(*slot);
      schedule.remove(*slot);
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(schedule, Waiting)

BOOST_AUTO_TEST_CASE(an_empty_schedule_serves_no_slot) {
  BOOST_TEST(!next(10).has_value());
}

BOOST_AUTO_TEST_CASE(an_empty_schedule_is_never_due) {
  BOOST_TEST((schedule.next_due(open) == kNever));
}

BOOST_AUTO_TEST_CASE(no_slot_is_served_before_it_is_due) {
  for (const Turn turn : kAllTurns)
    schedule.put(static_cast<Slot>(turn), turn, second(10));
  BOOST_TEST(!next(9).has_value());
}

BOOST_AUTO_TEST_CASE(a_slot_of_any_queue_is_served_at_the_instant_it_is_due) {
  for (const Turn turn : kAllTurns) {
    schedule.put(7, turn, second(10));
    BOOST_TEST((next(10) == Slot{7}));
  }
}

BOOST_AUTO_TEST_CASE(a_served_slot_keeps_its_place_until_it_is_removed) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::poll, second(2));
  next(10);
  BOOST_TEST((next(10) == Slot{1}));
}

BOOST_AUTO_TEST_CASE(of_one_queue_the_slot_that_has_been_due_longest_is_served_first) {
  for (const Turn turn : kAllTurns) {
    schedule.put(1, turn, second(3));
    schedule.put(2, turn, second(1));
    schedule.put(3, turn, second(2));
    BOOST_TEST((served(10) == std::vector<Slot>{2, 3, 1}));
  }
}

BOOST_AUTO_TEST_CASE(urgent_slots_go_before_all_that_have_been_due_longer) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::failing, second(2));
  schedule.put(3, Turn::urgent, second(3));
  BOOST_TEST((next(10) == Slot{3}));
}

BOOST_AUTO_TEST_CASE(an_urgent_slot_that_is_not_due_does_not_hold_up_a_poll_that_is) {
  schedule.put(1, Turn::urgent, second(20));
  schedule.put(2, Turn::poll, second(10));
  BOOST_TEST((next(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(polls_and_failing_slots_are_served_together_by_due_time) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::failing, second(2));
  schedule.put(3, Turn::poll, second(3));
  schedule.put(4, Turn::failing, second(4));
  BOOST_TEST((served(10) == std::vector<Slot>{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(slow_slots_are_served_among_the_polls_by_due_time) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::slow, second(2));
  schedule.put(3, Turn::poll, second(3));
  BOOST_TEST((served(10) == std::vector<Slot>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_turn_that_is_closed_is_passed_over_however_long_its_slots_have_been_due) {
  for (const Turn closed : kAllTurns) {
    open = all_open_but({closed});
    for (const Turn turn : kAllTurns)
      schedule.put(static_cast<Slot>(turn), turn, turn == closed ? second(1) : second(5));
    const std::vector<Slot> slots = served(10);
    BOOST_TEST(slots.size() == kAllTurns.size() - 1);
    BOOST_TEST((std::ranges::find(slots, static_cast<Slot>(closed)) == slots.end()));
    schedule.remove(static_cast<Slot>(closed));
  }
}

BOOST_AUTO_TEST_CASE(a_turn_that_is_closed_is_never_due) {
  schedule.put(1, Turn::slow, second(1));
  schedule.put(2, Turn::poll, second(5));
  open = all_open_but({Turn::slow});
  BOOST_TEST((schedule.next_due(open) == second(5)));
  open = all_open_but({Turn::slow, Turn::poll});
  BOOST_TEST((schedule.next_due(open) == kNever));
}

BOOST_AUTO_TEST_CASE(a_poll_goes_before_a_failing_slot_due_at_the_same_instant) {
  schedule.put(1, Turn::failing, second(5));
  schedule.put(2, Turn::poll, second(5));
  BOOST_TEST((next(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(a_slot_put_into_a_queue_leaves_every_other) {
  for (const Turn before : kAllTurns) {
    for (const Turn after : kAllTurns) {
      schedule.put(1, before, second(5));
      schedule.put(1, after, second(10));
      BOOST_TEST((schedule.next_due(open) == second(10)));
      BOOST_TEST(served(10).size() == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_slot_put_again_into_its_queue_moves_to_the_new_due_time) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::poll, second(2));
  schedule.put(1, Turn::poll, second(3));
  BOOST_TEST((served(10) == std::vector<Slot>{2, 1}));
}

BOOST_AUTO_TEST_CASE(a_removed_slot_leaves_whichever_queue_it_waited_in) {
  for (const Turn turn : kAllTurns) {
    schedule.put(1, turn, second(1));
    schedule.remove(1);
    BOOST_TEST((schedule.next_due(open) == kNever));
  }
}

BOOST_AUTO_TEST_CASE(removing_a_slot_that_does_not_wait_leaves_the_others_in_place) {
  schedule.put(1, Turn::poll, second(1));
  schedule.remove(0);
  schedule.remove(1000);
  BOOST_TEST((next(10) == Slot{1}));
}

BOOST_AUTO_TEST_CASE(an_urgent_slot_whose_turn_has_passed_lets_the_next_urgent_one_go_first) {
  schedule.put(1, Turn::urgent, second(1));
  schedule.put(2, Turn::urgent, second(2));
  turn_now[1] = Turn::poll;
  BOOST_TEST((next(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(many_urgent_slots_whose_turn_has_passed_do_not_delay_one_whose_turn_has_not) {
  for (Slot slot = 0; slot < 100; ++slot) {
    schedule.put(slot, Turn::urgent, second(1));
    turn_now[slot] = slot % 2 == 0 ? Turn::poll : Turn::failing;
  }
  schedule.put(100, Turn::urgent, second(9));
  BOOST_TEST((next(10) == Slot{100}));
}

BOOST_AUTO_TEST_CASE(a_slot_whose_urgent_turn_has_passed_keeps_its_due_time) {
  schedule.put(1, Turn::urgent, second(5));
  turn_now[1] = Turn::poll;
  BOOST_TEST((next(10) == Slot{1}));
  BOOST_TEST((schedule.next_due(open) == second(5)));
}

BOOST_AUTO_TEST_CASE(a_slot_whose_urgent_turn_has_passed_is_served_among_the_polls_by_due_time) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::urgent, second(2));
  schedule.put(3, Turn::poll, second(3));
  turn_now[2] = Turn::poll;
  BOOST_TEST((served(10) == std::vector<Slot>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_slot_whose_urgent_turn_has_passed_and_that_fails_is_probed_with_last) {
  schedule.put(1, Turn::urgent, second(1));
  schedule.put(2, Turn::poll, second(2));
  turn_now[1] = Turn::failing;
  BOOST_TEST((served(10, true) == std::vector<Slot>{2, 1}));
}

BOOST_AUTO_TEST_CASE(the_first_probe_is_urgent) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::urgent, second(2));
  BOOST_TEST((probe(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(probes_alternate_between_urgent_slots_and_polls) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::urgent, second(2));
  std::vector<Slot> probes;
  for (int i = 0; i < 4; ++i) {
    probes.push_back(probe(10).value());
    schedule.probed();
  }
  BOOST_TEST((probes == std::vector<Slot>{2, 1, 2, 1}));
}

BOOST_AUTO_TEST_CASE(a_probe_that_did_not_leave_does_not_count_for_the_alternation) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::urgent, second(2));
  probe(10);
  BOOST_TEST((probe(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(an_urgent_slot_takes_a_polls_probe_when_no_poll_is_due) {
  schedule.put(1, Turn::poll, second(20));
  schedule.put(2, Turn::urgent, second(2));
  schedule.probed();
  BOOST_TEST((probe(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(a_failing_slot_is_probed_with_after_all_others_however_long_it_has_been_due) {
  for (int probes = 0; probes < 2; ++probes) {
    schedule.put(1, Turn::failing, second(1));
    schedule.put(2, Turn::urgent, second(8));
    schedule.put(3, Turn::poll, second(9));
    BOOST_TEST(served(10, true).back() == 1U);
    schedule.probed();
  }
}

BOOST_AUTO_TEST_CASE(slow_and_failing_slots_are_probed_with_in_the_order_in_which_they_are_due) {
  schedule.put(1, Turn::failing, second(1));
  schedule.put(2, Turn::slow, second(2));
  schedule.put(3, Turn::failing, second(3));
  BOOST_TEST((served(10, true) == std::vector<Slot>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(no_slot_is_probed_with_before_it_is_due) {
  for (const Turn turn : kAllTurns)
    schedule.put(static_cast<Slot>(turn), turn, second(10));
  BOOST_TEST(!probe(9).has_value());
}

BOOST_AUTO_TEST_CASE(once_calls_flow_again_urgent_slots_go_first_whichever_probe_was_next) {
  schedule.put(1, Turn::poll, second(1));
  schedule.put(2, Turn::urgent, second(2));
  schedule.probed();
  BOOST_TEST((next(10) == Slot{2}));
}

BOOST_AUTO_TEST_CASE(the_schedule_is_due_when_the_first_slot_of_any_queue_is) {
  for (const Turn turn : kAllTurns) {
    for (const Turn other : kAllTurns)
      schedule.put(static_cast<Slot>(other), other, other == turn ? second(5) : second(10));
    BOOST_TEST((schedule.next_due(open) == second(5)));
  }
}

BOOST_AUTO_TEST_CASE(any_slot_is_a_poll_before_an_urgent_one_before_a_failing_one_due_or_not) {
  schedule.put(1, Turn::failing, second(1));
  schedule.put(2, Turn::urgent, second(2));
  schedule.put(3, Turn::poll, kNever);
  for (const Slot expected : {3U, 2U, 1U}) {
    BOOST_TEST((schedule.any() == expected));
    schedule.remove(expected);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_schedule_has_no_slot_to_probe_with) {
  BOOST_TEST(!schedule.any().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct OneSession {
  Policy policy;
  Moment now{Steady(1000s), Wall(1000s)};
  Session session;
  bool slow = false;

  Turn turn_with_next(Call call) {
    session.in_memory.next_call = call;
    return follow::turn_of(session, slow, now, policy);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(schedule_turns, OneSession)

BOOST_AUTO_TEST_CASE(questions_about_uploads_and_progress_are_polls) {
  for (const Call call : {Call::upload_status, Call::progress})
    BOOST_TEST((turn_with_next(call) == Turn::poll));
}

BOOST_AUTO_TEST_CASE(fetches_are_urgent) {
  for (const Call call : {Call::session_status, Call::insights})
    BOOST_TEST((turn_with_next(call) == Turn::urgent));
}

BOOST_AUTO_TEST_CASE(initiate_is_urgent_while_its_evidence_has_the_greatest_age_allowed) {
  session.in_memory.evidence_at = now.elapsed - policy.evidence_max_age;
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::urgent));
}

BOOST_AUTO_TEST_CASE(initiate_waits_among_the_polls_once_its_evidence_is_too_old) {
  session.in_memory.evidence_at = now.elapsed - policy.evidence_max_age - 1ms;
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::poll));
}

BOOST_AUTO_TEST_CASE(initiate_without_evidence_waits_among_the_polls) {
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::poll));
}

BOOST_AUTO_TEST_CASE(every_call_of_a_session_that_was_not_answered_in_time_waits_among_the_slow) {
  slow = true;
  for (const Call call : {Call::upload_status, Call::initiate, Call::progress, Call::insights})
    BOOST_TEST((turn_with_next(call) == Turn::slow));
}

BOOST_AUTO_TEST_CASE(initiate_of_a_slow_session_is_urgent_while_its_evidence_is_young) {
  slow = true;
  session.in_memory.evidence_at = now.elapsed;
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::urgent));
}

BOOST_AUTO_TEST_CASE(a_call_that_failed_waits_among_the_failing_be_it_a_poll_or_a_fetch) {
  session.in_memory.attempts = 1;
  for (const Call call : {Call::upload_status, Call::progress, Call::session_status, Call::insights})
    BOOST_TEST((turn_with_next(call) == Turn::failing));
}

BOOST_AUTO_TEST_CASE(initiate_that_failed_is_urgent_while_its_evidence_is_young) {
  session.in_memory.attempts = 1;
  session.in_memory.evidence_at = now.elapsed;
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::urgent));
}

BOOST_AUTO_TEST_CASE(initiate_that_failed_waits_among_the_failing_once_its_evidence_is_too_old) {
  session.in_memory.attempts = 1;
  session.in_memory.evidence_at = now.elapsed - policy.evidence_max_age - 1ms;
  BOOST_TEST((turn_with_next(Call::initiate) == Turn::failing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
