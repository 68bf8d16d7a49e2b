#include "src/follow/schedule.hpp"

#include <algorithm>
#include <utility>

#include "statemachine/guards.hpp"

namespace bankconnect::follow {

Turn turn_of(const Session& session, bool slow, Moment now, const Policy& policy) {
  const Call call = session.in_memory.next_call;
  // Whatever its calls take: its evidence does not keep, and came with an answer.
  if (evidence_fresh(session, now, policy)) return Turn::urgent;
  if (slow) return Turn::slow;
  if (session.in_memory.attempts > 0) return Turn::failing;  // PLANT: failing-turn
  return is_fetch(call) ? Turn::urgent : Turn::poll;
}

void Schedule::put(Slot slot, Turn turn, Steady due) {
  for (const Turn other : kAllTurns) {
    if (other != turn) queues_[other].remove(slot);
  }
  queues_[turn].put(slot, due);
}

void Schedule::remove(Slot slot) {
  for (const Turn turn : kAllTurns)
    queues_[turn].remove(slot);
}

std::array<Turn, 5> Schedule::order(bool probing) const {
  std::array order = {Turn::urgent, Turn::fetch, Turn::poll, Turn::failing, Turn::slow};
  if (probing && poll_probes_next_) std::swap(order[0], order[2]);
  std::stable_sort(order.begin() + (probing ? 3 : 2), order.end(),
                   [this](Turn a, Turn b) { return queues_[a].first_due() < queues_[b].first_due(); });
  return order;
}

Steady Schedule::next_due(const OpenTurns& open) const {
  Steady due = kNever;
  for (const Turn turn : kAllTurns) {
    if (open[turn]) due = std::min(due, queues_[turn].first_due());
  }
  return due;
}

std::optional<Slot> Schedule::any() const {
  for (const Turn turn : {Turn::poll, Turn::urgent, Turn::fetch, Turn::failing, Turn::slow}) {
    if (const auto first = queues_[turn].first()) return first;
  }
  return std::nullopt;
}

}  // namespace bankconnect::follow
