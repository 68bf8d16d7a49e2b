// Time as the rules see it. Nothing in this folder reads a clock: every function takes a Moment.
//
// Two clocks measure, one is shown:
//   Steady   intervals and deadlines within one run of the daemon
//   Elapsed  what is counted across restarts, reboots and suspension: grace periods, retention, evidence
//   Wall     civil time, for people and for comparison with BankConnect's timestamps
#pragma once

#include <chrono>
#include <cstdint>

namespace bankconnect {

/// All spans of time, in milliseconds.
using Duration = std::chrono::milliseconds;

/// Civil time, UTC. Shown to people, compared with expiry timestamps, stored in the database. May jump.
using Wall = std::chrono::sys_time<Duration>;

/// A clock that only moves forward; `Name` makes its time points a type of their own.
template <class Name>
struct MonotonicClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};

/// Monotonic time of one run, from an arbitrary start; it stands still while the machine is suspended.
using Steady = MonotonicClock<struct SteadyClockName>::time_point;

/// Monotonic time that goes on across restarts, reboots and suspension, however the wall clock is set. It
/// started with what the wall clock said, so it reads much like it.
using Elapsed = MonotonicClock<struct ElapsedClockName>::time_point;

/// What the wall clock would say, had it never been set.
constexpr Wall as_wall(Elapsed time) {
  return Wall(time.time_since_epoch());
}
constexpr Elapsed as_elapsed(Wall time) {
  return Elapsed(time.time_since_epoch());
}

/// "Now", on all clocks, read together.
struct Moment {
  Steady steady;
  Wall wall;
  Elapsed elapsed = as_elapsed(wall);
};

inline constexpr Wall kNoWall = Wall::min();
inline constexpr Steady kNoSteady = Steady::min();
inline constexpr Elapsed kNoElapsed = Elapsed::min();

/// Later than anything that is ever waited for.
inline constexpr Steady kNever = Steady::max();
inline constexpr Elapsed kNoLimit = Elapsed::max();

/// The steady instant that lies as far from now as `time` does.
constexpr Steady steady_at(Elapsed time, Moment now) {
  return now.steady + (time - now.elapsed);
}

}  // namespace bankconnect
