// How fast calls may leave, as a value: `upstream.max_requests_per_second`, and the pauses BankConnect asks
// for. The rate limit is GCRA, the generic cell rate algorithm: one number, the theoretical arrival time of
// the next call at an even rate, which may run ahead of the clock by the allowed burst.
#pragma once

#include <cstdint>

#include "statemachine/moment.hpp"

namespace bankconnect::follow {

/// Calls leave evenly, in bursts of a tenth of a second's worth at most. While more is due than may leave,
/// the session that has been due longest goes first, so that all intervals stretch alike.
class RateGate {
 public:
  static constexpr Duration kLongestSilence = std::chrono::minutes(10);
  static constexpr Duration kProbeInterval = std::chrono::minutes(1);

  /// `per_second` = 0: no limit.
  explicit RateGate(std::uint32_t per_second) : per_second_(per_second) {}

  /// When the next call may leave: `now` or later.
  Steady open_at(Steady now) const;
  /// Counts a call that leaves now. Only when open_at(now) <= now.
  void pass(Steady now);
  /// BankConnect asked to slow down: no call leaves for `wait`. Where it did not say for how long (zero), for
  /// a second, then twice that, up to half a minute, until an answer comes that is no such request.
  /// In a pause beyond kLongestSilence, most likely a mistake, one call a minute leaves all the same.
  void slow_down(Steady now, Duration wait);
  /// An answer came that was no such request. It ends a pause beyond kLongestSilence.
  void speed_up();
  /// Until when no call leaves at BankConnect's wish; in the past when it has none.
  Steady held_until() const { return not_before_; }

 private:
  std::uint32_t per_second_;
  std::int64_t theoretical_arrival_us_ = 0;  ///< of the steady clock
  Steady not_before_ = kNoSteady;
  bool probing_ = false;  ///< the pause is beyond kLongestSilence
  Steady last_call_ = kNoSteady;
  Duration wait_ = Duration::zero();
};

}  // namespace bankconnect::follow
