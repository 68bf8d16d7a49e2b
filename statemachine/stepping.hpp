// One step in progress, for the two files that carry it out: machine.cpp says what happens to a session,
// planning.cpp when it is asked about next.
#pragma once

#include "statemachine/machine.hpp"

namespace bankconnect {

struct Stepping {
  Decision decision;
  const Session& before;
  const Event& event;
  const Moment now;
  const Policy& policy;
  const Conditions conditions;
  Steady planned = kNever;  ///< of the question just answered, had no hint brought it forward

  Durable& durable() { return decision.next.durable; }
  Volatile& in_memory() { return decision.next.in_memory; }

  // What an answer changes (absorbing.cpp).
  void absorb_call_result();
  void absorb_hint();
  void absorb_upload_answer();
  void absorb_request_evidence();
  void doubt(bool contradicts);
  void end_doubt();
  void clear_not_found();

  // What happens (machine.cpp).
  const Row* first_fitting_row();
  void take(const Row& row);
  void record(Anomaly anomaly);
  void apply_marks(std::uint32_t marks);
  void apply_after_end(std::uint32_t marks);
  void await_reports(std::uint32_t marks);
  Transition transition_to(State state) const;
  void reopen();
  void move_to(State state, const Row& row);
  void record_discovery(State was);
  void explain(const Row& row);
  void choose_next_call(Next next);
  void ask();
  void finish();

  // When it is asked about next (planning.cpp).
  void plan(When when);
  Steady spaced() const;
  void bring_forward(Steady due, Cause cause);
  void ask_now();
  Steady upload_due(Steady from);
  bool keeps_the_plan() const;
  bool changed() const;
  Steady last_asked() const;
  Duration first_interval() const;
  void pace_upload();
  void pace_progress();
  void back_off();
  void pause_growing();
  void wait_for_operator();
  void spread();
  void replan();
  void hurry_after_outage();
};

}  // namespace bankconnect
