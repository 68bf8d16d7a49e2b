// Whether a call may leave now, as a value: the places for calls in flight, the rate, and the circuit
// breaker.
#pragma once

#include <cstdint>
#include <string_view>

#include "bankconnect/ports.hpp"
#include "src/follow/answer_times.hpp"
#include "src/follow/breaker.hpp"
#include "src/follow/places.hpp"
#include "src/follow/rate_gate.hpp"

namespace bankconnect::follow {

/// A call in flight, to be handed back when it ends.
struct Departure {
  Turn turn = Turn::poll;
  Steady at = kNoSteady;
  Duration in_time{0};     ///< a later answer is late
  Duration time_limit{0};  ///< the call is given up after that; zero: when every call is
  bool probe = false;
};

/// What the end of a call means for others.
struct Ended {
  bool flows_again = false;  ///< all calls may leave again that might not before
  bool in_time = true;       ///< its session held no place for longer than others do
};

class OutgoingCalls {
 public:
  /// `per_second` = 0: no limit.
  OutgoingCalls(std::uint32_t max_in_flight, std::uint32_t per_second)
      : places_(max_in_flight), gate_(per_second) {}

  bool may_send(Steady now) const { return open_at(now) <= now; }
  /// When the next call may leave: `now` or later; kNever while that depends on a call in flight.
  Steady open_at(Steady now) const;
  /// Which turns have a place free.
  OpenTurns open_turns() const { return places_.open(); }
  bool may_fetch() const { return places_.free_for_fetch(); }

  /// Counts a call that leaves. A poll of a session that is not slow is given up when it is not answered in
  /// time, while calls flow: its session is asked again as a slow one, with all the time there is.
  Departure sent(Turn turn, Call call, Steady now);
  /// Counts the end of a call; `answered`: by HTTP. `code` is what the answer said, for people.
  Ended ended(const Departure& departure, Call call, bool answered, CallOutcome outcome,
              std::string_view code, Moment now);
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
  std::uint32_t in_flight() const { return places_.taken(); }

 private:
  Places places_;
  AnswerTimes answer_times_;
  RateGate gate_;
  Breaker breaker_;
};

}  // namespace bankconnect::follow
