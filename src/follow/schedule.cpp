#include "src/follow/schedule.hpp"

#include <algorithm>

#include "statemachine/guards.hpp"

namespace bankconnect::follow {

Turn turn_of(const Session& session, Moment now, const Policy& policy) {
  const Call call = session.in_memory.next_call;
  if (evidence_fresh(session, now, policy)) return Turn::urgent;
  if (session.in_memory.attempts > 0) return Turn::failing;  // PLANT: failing-turn
  return call == Call::session_status || call == Call::insights ? Turn::urgent : Turn::poll;
}

void Schedule::put(Slot slot, Turn turn, Steady due) {
  for (const Turn other : {Turn::urgent, Turn::poll, Turn::failing}) {
    if (other != turn) queue(other).remove(slot);
  }
  queue(turn).put(slot, due);
}

void Schedule::remove(Slot slot) {
  for (DueQueue& queue : queues_)
    queue.remove(slot);
}

std::array<Turn, 3> Schedule::order(bool probing) const {
  if (!probing) {
    const bool failing_first = queue(Turn::failing).first_due() < queue(Turn::poll).first_due();
    if (failing_first) return {Turn::urgent, Turn::failing, Turn::poll};
    return {Turn::urgent, Turn::poll, Turn::failing};
  }
  if (poll_probes_next_) return {Turn::poll, Turn::urgent, Turn::failing};
  return {Turn::urgent, Turn::poll, Turn::failing};
}

Steady Schedule::next_due() const {
  return std::min(
      {queue(Turn::urgent).first_due(), queue(Turn::poll).first_due(), queue(Turn::failing).first_due()});
}

std::optional<Slot> Schedule::any() const {
  for (const Turn turn : {Turn::poll, Turn::urgent, Turn::failing}) {
    if (const auto first = queue(turn).first()) return first;
  }
  return std::nullopt;
}

}  // namespace bankconnect::follow
