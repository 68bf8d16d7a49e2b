// Detects that the event loop did not run for a while. After a process was stopped, or a machine suspended,
// the answers found in its sockets may be as old as that pause; they are no evidence of the present state.
#pragma once

#include "statemachine/moment.hpp"

namespace bankconnect::upstream {

/// Is given the time once a second while calls are in flight.
class StallDetector {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(1);

  /// The first call after a time without any.
  void start(Elapsed now) { before_last_ = last_ = now; }
  void tick(Elapsed now) {
    before_last_ = last_;
    last_ = now;
  }
  /// The greatest age of an answer that the loop finds now; zero while the loop has been running. Counted
  /// from the tick before the last, because after a pause the timer may run before the answer is read.
  Duration stalled_for(Elapsed now) const {
    const Duration silence = now - before_last_;
    return silence > kLongestPause ? silence : Duration::zero();
  }

 private:
  /// Two ticks, and a second for a busy machine.
  static constexpr Duration kLongestPause = 3 * kInterval;
  Elapsed last_ = kNoElapsed;
  Elapsed before_last_ = kNoElapsed;
};

}  // namespace bankconnect::upstream
