// Time as the rules see it. Nothing in this folder reads a clock: every function is handed a Moment.
#pragma once

#include <chrono>
#include <cstdint>

namespace bankconnect {

/// All spans of time, in milliseconds.
using Duration = std::chrono::milliseconds;

/// Civil time, UTC. Shown to people, compared with expiry timestamps, kept in the database. May jump.
using Wall = std::chrono::sys_time<Duration>;

/// Tag of a clock that only moves forward, at one second a second, and starts anywhere.
struct SteadyTag {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<SteadyTag, Duration>;
  static constexpr bool is_steady = true;
};

/// Monotonic time. Every interval, deadline and grace period is measured on it, so that a wall clock that is
/// set a day forward or back neither fails a session nor forgets one.
using Steady = std::chrono::time_point<SteadyTag, Duration>;

/// "Now", on both clocks, read together.
struct Moment {
  Steady steady;
  Wall wall;
};

inline constexpr Wall kNoWall = Wall::min();
inline constexpr Steady kNoSteady = Steady::min();

/// Later than anything that is ever waited for.
inline constexpr Steady kNever = Steady::max();

/// The steady instant at which a wall time that was kept on disk lies. A wall time in the future (the clock
/// was set back since) counts as now: a restored grace period may thus last longer, never shorter.
constexpr Steady steady_of_past(Wall past, Moment now) {
  if (past == kNoWall) return kNoSteady;
  const Duration elapsed = past < now.wall ? now.wall - past : Duration::zero();
  return now.steady - elapsed;
}

}  // namespace bankconnect
