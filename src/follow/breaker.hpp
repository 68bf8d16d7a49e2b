// Whether upstream may be called at all, as a value.
//   flowing everything may be asked
//   broken  many calls in a row failed: one probe at a time, less and less often, until one goes through
//   paused  the account is refused (credentials, plan, base URL): the same, but slower, and health says so
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bankconnect/ports.hpp"
#include "statemachine/event.hpp"

namespace bankconnect::follow {

class Breaker {
 public:
  /// Failures in a row, over all sessions, that break the circuit.
  static constexpr std::uint32_t kFailuresToBreak = 10;
  static constexpr Duration kFirstProbe = std::chrono::seconds(1);
  static constexpr Duration kSlowestProbe = std::chrono::seconds(30);
  static constexpr Duration kCalm = std::chrono::minutes(1);

  /// When a call may be sent: now or earlier while flowing, at the next probe's time otherwise; kNever while
  /// a probe is in flight.
  Steady open_at() const;
  /// A call leaves. True when it is a probe; to be handed back to `ended`.
  bool sent();
  /// A call ended. `code` is what the answer said, for people. Returns whether everything may be asked again,
  /// which it might not before.
  bool ended(bool probe, Trigger trigger, std::string_view code, Moment now);
  /// Probes at once: something changed on our side.
  void probe_now(Moment now);

  const UpstreamCondition& condition() const { return condition_; }

 private:
  void stop(UpstreamCondition::Kind kind, bool probe, std::string_view code, Moment now);

  UpstreamCondition condition_;
  std::uint32_t failures_ = 0;
  bool probing_ = false;
  bool probe_again_ = false;  ///< something changed while a probe was in flight
  Steady flowing_since_ = kNoSteady;
  Duration probe_interval_ = kFirstProbe;
  Steady next_probe_ = kNoSteady;
};

}  // namespace bankconnect::follow
