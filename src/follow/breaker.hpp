// The circuit breaker, as a value.
//   flowing  all calls may leave
//   broken   many calls in a row failed: one probe at a time, less and less often, until one succeeds
//   paused   the account is refused (credentials, plan, base URL): one probe at a time likewise
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bankconnect/ports.hpp"

namespace bankconnect::follow {

/// How a call ended, as far as it concerns all sessions.
enum class CallOutcome : std::uint8_t {
  served,
  account_refused,
  failed,
  slow_down,
  no_verdict  ///< says nothing about BankConnect as a whole
};

class Breaker {
 public:
  /// Failures in a row, over all sessions, that break the circuit.
  static constexpr std::uint32_t kFailuresToBreak = 10;
  static constexpr Duration kFirstProbe = std::chrono::seconds(1);
  static constexpr Duration kSlowestProbe = std::chrono::seconds(30);
  static constexpr Duration kCalm = std::chrono::minutes(1);

  /// When a call may leave: in the past while flowing, else at the next probe's time; kNever while a probe is
  /// in flight.
  Steady open_at() const;
  /// A call leaves. True when it is a probe; to be handed back to `ended`.
  bool sent();
  /// A call ended. `code` is what the answer said, for people. Returns whether all calls may leave again that
  /// might not before.
  bool ended(bool probe, CallOutcome outcome, std::string_view code, Moment now);
  /// The next probe may leave at once: the configuration changed.
  void probe_now(Moment now);

  const UpstreamCondition& condition() const { return condition_; }

 private:
  bool end_outage(Moment now);
  void stop(UpstreamCondition::Kind kind, bool probe, std::string_view code, Moment now);

  UpstreamCondition condition_;
  std::uint32_t failures_ = 0;
  bool probing_ = false;
  bool probe_again_ = false;  ///< `probe_now` came while a probe was in flight
  Steady flowing_since_ = kNoSteady;
  Duration probe_interval_ = kFirstProbe;
  Steady next_probe_ = kNoSteady;
};

}  // namespace bankconnect::follow
