// Which session is asked about next, as a value: five queues ordered by due time, and the order in which
// they are served. Knows slots only, so that it can be tested without sessions.
#pragma once

#include <array>
#include <optional>

#include "src/follow/due_queue.hpp"
#include "src/follow/turn.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session.hpp"

namespace bankconnect::follow {

/// Whether the call fetches what is stored as it comes.
constexpr bool is_fetch(Call call) {
  return call == Call::session_status || call == Call::insights;
}

/// The turn of a waiting session; `slow`: its last call was not answered in time.
Turn turn_of(const Session& session, bool slow, Moment now, const Policy& policy);

class Schedule {
 public:
  /// Puts the slot into the queue at `due`, out of wherever it was. O(log n).
  void put(Slot slot, Turn turn, Steady due);
  void remove(Slot slot);

  /// The slot to be served now, or nothing when none is due whose turn is open. A slot whose urgent turn has
  /// passed (initiate whose evidence is too old by now needs another poll first) is moved to the queue that
  /// `turn_of` names; kept in front, many of them would delay each other until all were too old again.
  template <class TurnOf>
  std::optional<Slot> next(Steady now, const OpenTurns& open, bool probing, const TurnOf& turn_of);

  /// A probe left. Probes alternate between urgent and polls: what fails may fail for its own sake, as may
  /// all fetches, and neither may have every probe.
  void probed() { poll_probes_next_ = !poll_probes_next_; }

  /// When the first slot of the open turns is due; kNever when none waits.
  Steady next_due(const OpenTurns& open) const;
  bool waits(Turn turn) const { return queues_[turn].first().has_value(); }
  /// A slot to probe with, due or not; polls first.
  std::optional<Slot> any() const;

 private:
  std::array<Turn, 5> order(bool probing) const;

  ByTurn<DueQueue> queues_;
  bool poll_probes_next_ = false;
};

template <class TurnOf>
std::optional<Slot> Schedule::next(Steady now, const OpenTurns& open, bool probing, const TurnOf& turn_of) {
  while (const auto first = queues_[Turn::urgent].first()) {
    const Turn turn = turn_of(*first);
    if (turn == Turn::urgent) break;
    put(*first, turn, queues_[Turn::urgent].first_due());
  }
  for (const Turn turn : order(probing)) {
    if (open[turn] && queues_[turn].first_due() <= now) return queues_[turn].first();
  }
  return std::nullopt;
}

}  // namespace bankconnect::follow
