// Who may have how many of the calls in flight, as a value: a bulkhead. Calls that hang hold their places
// until they time out; were all places alike, as many hanging calls as there are places would stop every
// session.
#pragma once

#include <cstdint>

#include "src/follow/turn.hpp"

namespace bankconnect::follow {

/// A quarter of all places is kept for polls of sessions that answer in time. Slow sessions share another
/// quarter; it grows by a place for each of their calls that is answered in time, and is a quarter again
/// after one that is not. Urgent calls share with them all that is not kept for polls.
class Places {
 public:
  explicit Places(std::uint32_t all);

  bool free(Turn turn) const;
  /// Whether a fetch of any turn may leave: of the places for urgent calls some are kept for initiate, whose
  /// evidence does not keep.
  bool free_for_fetch() const;
  OpenTurns open() const;
  void take(Turn turn);
  void give_back(Turn turn, bool in_time);
  std::uint32_t taken() const { return taken_; }

 private:
  /// By urgent calls, and by all calls of slow sessions.
  std::uint32_t taken_beside_polls() const;

  std::uint32_t all_;
  std::uint32_t kept_for_polls_;
  std::uint32_t kept_for_initiate_;
  std::uint32_t least_for_slow_;
  std::uint32_t most_for_slow_;
  std::uint32_t taken_ = 0;
  ByTurn<std::uint32_t> taken_by_;
};

}  // namespace bankconnect::follow
