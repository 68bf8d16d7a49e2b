// A session at a moment, made comparable: all its times are counted from one now, and times that no guard
// tells apart are one in the key. So the number of keys is finite, and all of them can be visited.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "statemachine/session.hpp"

namespace bankconnect::explore {

/// All spans of the explored policies are multiples of it. Longer than the slack between two clocks, so that
/// a tick is a difference to every rule.
inline constexpr Duration kTick = std::chrono::minutes(5);

/// In every situation it is this time.
inline constexpr Moment kNow{Steady(std::chrono::hours(1000)), Wall(std::chrono::hours(1000)),
                             Elapsed(std::chrono::hours(1000))};

struct Situation {
  Session session;
  Conditions conditions;
  std::optional<Call> in_flight;  ///< what was asked and is not answered yet
  /// A write with an intent to initiate is on disk, of this run, and no initiate has left on it yet.
  bool intent = false;
  /// BankConnect accepted a request, as far as its answers told, and has not denied it since.
  bool accepted = false;
};

/// The situation after `time` without an event.
Situation later(Situation situation, Duration time);

/// Situations with equal keys behave the same from here on; Explorer checks that on a sample of them.
std::string key_of(const Situation& situation, const Policy& policy);

}  // namespace bankconnect::explore
