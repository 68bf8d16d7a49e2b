// How fast calls may leave, as a value: `upstream.max_requests_per_second`, and the patience BankConnect asks
// for.
#pragma once

#include <cstdint>

#include "statemachine/moment.hpp"

namespace bankconnect::follow {

/// Calls leave evenly, a tenth of a second's worth of them in one go at most. While more is due than may
/// leave, whoever has been due longest goes first, so that all intervals stretch alike.
class RateGate {
 public:
  /// `per_second` = 0: no limit.
  explicit RateGate(std::uint32_t per_second) : per_second_(per_second) {}

  /// When the next call may leave: `now` or later.
  Steady open_at(Steady now) const;
  /// Counts a call that leaves now. Only when open_at(now) <= now.
  void pass(Steady now);
  /// BankConnect asked to slow down: nothing leaves for `wait`, counted from now. Where it did not say for
  /// how long (zero), for a second, then twice that, up to half a minute, until an answer comes that is not
  /// such a request.
  void slow_down(Steady now, Duration wait);
  void speed_up() { patience_ = Duration::zero(); }
  /// Until when nothing leaves at BankConnect's wish; long past when it has none.
  Steady held_until() const { return not_before_; }

 private:
  std::uint32_t per_second_;
  /// The theoretical time of the next call at an even rate, in microseconds of the steady clock.
  std::int64_t next_us_ = 0;
  Steady not_before_ = kNoSteady;
  Duration patience_ = Duration::zero();
};

}  // namespace bankconnect::follow
