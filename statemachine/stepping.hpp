// The inside of `step`: what its two halves share. What happens to a session is in machine.cpp, when it is
// asked about next in planning.cpp.
#pragma once

#include "statemachine/machine.hpp"

namespace bankconnect {

/// One step in progress: the decision being made and what it is made from.
struct Stepping {
  Decision decision;
  const Session& before;
  const Event& event;
  const Moment now;
  const Policy& policy;
  Steady planned = kNever;  ///< of the question just answered, had no hint brought it forward

  Kept& kept() { return decision.next.kept; }
  Live& live() { return decision.next.live; }

  void absorb_call_result();
  void absorb_hint();
  void forget_not_found();
  void absorb_upload_answer();
  const Row* first_fitting_row();
  void take(const Row& row);
  void note(Anomaly anomaly);
  void move_to(State state, const Row& row);
  void count(std::uint32_t acts);
  void choose_next_call(std::uint32_t acts);
  void plan(std::uint32_t acts);
  void note_news(State was);
  Steady spaced() const;
  void bring_forward(Steady due, Cause cause);
  Steady upload_due(Steady from);
  bool keeps_the_plan() const;
  void replan();
  void pace_upload();
  void pace_progress();
  void back_off();
  void ask();
  void finish();
};

}  // namespace bankconnect
