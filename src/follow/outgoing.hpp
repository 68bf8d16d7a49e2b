// Whether a call may leave now, as a value: the number in flight, the rate, and the circuit breaker.
#pragma once

#include <cstdint>
#include <string_view>

#include "bankconnect/ports.hpp"
#include "src/follow/breaker.hpp"
#include "src/follow/rate_gate.hpp"

namespace bankconnect::follow {

class OutgoingCalls {
 public:
  /// `per_second` = 0: no limit.
  OutgoingCalls(std::uint32_t max_in_flight, std::uint32_t per_second)
      : max_in_flight_(max_in_flight), gate_(per_second) {}

  bool may_send(Steady now) const { return open_at(now) <= now; }
  /// When the next call may leave: `now` or later; kNever while that depends on a call in flight.
  Steady open_at(Steady now) const;

  /// Counts a call that leaves. True when it is a probe; to be handed back to `ended`.
  bool sent(Steady now);
  /// Counts the end of a call. `code` is what the answer said, for people. Returns whether all calls may
  /// leave again that might not before.
  bool ended(bool probe, CallOutcome outcome, std::string_view code, Moment now);
  /// BankConnect asked to slow down, for `wait`, or without saying for how long (zero).
  void slow_down(Steady now, Duration wait) { gate_.slow_down(now, wait); }
  /// An answer came that was no such request.
  void speed_up() { gate_.speed_up(); }

  /// A probe may leave at once: the configuration changed.
  void probe_now(Moment now) { breaker_.probe_now(now); }
  bool flowing() const { return condition().kind == UpstreamCondition::Kind::flowing; }
  const UpstreamCondition& condition() const { return breaker_.condition(); }
  /// For how long no call leaves at BankConnect's wish.
  Duration held_for(Steady now) const;
  std::uint32_t in_flight() const { return in_flight_; }

 private:
  std::uint32_t max_in_flight_;
  RateGate gate_;
  Breaker breaker_;
  std::uint32_t in_flight_ = 0;
};

}  // namespace bankconnect::follow
