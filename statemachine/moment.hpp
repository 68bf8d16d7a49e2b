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

/// Tag of a clock that outlives the daemon: it only moves forward, restarts and reboots included, however the
/// wall clock is set. It began with what the wall clock said, so it reads much like it.
struct ReckonedTag {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<ReckonedTag, Duration>;
  static constexpr bool is_steady = true;
};

/// Reckoned time. What is kept on disk and counted from (grace periods, retention) is kept in it, so that a
/// wall clock that was wrong then, or is wrong now, neither fails a session nor erases one.
using Reckoned = std::chrono::time_point<ReckonedTag, Duration>;

/// What the wall clock would say, had nobody set it.
constexpr Wall as_wall(Reckoned time) {
  return Wall(time.time_since_epoch());
}
constexpr Reckoned as_reckoned(Wall time) {
  return Reckoned(time.time_since_epoch());
}

/// "Now", on all clocks, read together.
struct Moment {
  Steady steady;
  Wall wall;
  Reckoned reckoned = as_reckoned(wall);
};

inline constexpr Wall kNoWall = Wall::min();
inline constexpr Steady kNoSteady = Steady::min();
inline constexpr Reckoned kNoReckoned = Reckoned::min();

/// Later than anything that is ever waited for.
inline constexpr Steady kNever = Steady::max();

/// The steady instant at which a time that was kept on disk lies. One in the future (the database was
/// restored from elsewhere) counts as now: a restored grace period may thus last longer, never shorter.
constexpr Steady steady_of_past(Reckoned past, Moment now) {
  if (past == kNoReckoned) return kNoSteady;
  const Duration elapsed = past < now.reckoned ? now.reckoned - past : Duration::zero();
  return now.steady - elapsed;
}

}  // namespace bankconnect
