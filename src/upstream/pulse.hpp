// Whether the event loop has been running. A process that was stopped, or a machine that was suspended, finds
// answers that may be as old as its sleep; they are no evidence of what is so now.
#pragma once

#include "statemachine/moment.hpp"

namespace bankconnect::upstream {

/// Beats once a second while calls are in flight. A value: the client hands it the time.
class Pulse {
 public:
  static constexpr Duration kBeat = std::chrono::seconds(1);

  /// The first beat after a time without calls.
  void start(Reckoned now) { before_last_ = last_ = now; }
  void beat(Reckoned now) {
    before_last_ = last_;
    last_ = now;
  }
  /// How long ago an answer that the loop finds now may have come, at most. Counted from the beat before the
  /// last: when the loop wakes up, its timer may come first and the answer after.
  Duration asleep(Reckoned now) const {
    const Duration silence = now - before_last_;
    return silence > kLongestPause ? silence : Duration::zero();
  }

 private:
  /// Two beats, and a second that a busy machine may be late.
  static constexpr Duration kLongestPause = 3 * kBeat;
  Reckoned last_ = kNoReckoned;
  Reckoned before_last_ = kNoReckoned;
};

}  // namespace bankconnect::upstream
