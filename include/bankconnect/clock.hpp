// Where the shell reads the time. The rules never see this: they take Moments.
#pragma once

#include "statemachine/moment.hpp"

namespace bankconnect {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
};

/// What all clocks showed at one moment; stored, so that the next run can go on from it.
struct ClockSnapshot {
  Elapsed elapsed = kNoElapsed;
  Wall wall = kNoWall;
  Duration boot{0};  ///< since the machine's start, suspension included
};

/// Elapsed time now: later than the stored one by how long the daemon was not running. While the machine is
/// up, the clock that counts from its start measures that, whatever happened to the wall clock; but the
/// database may also come from a machine that started later than this one. So the lesser of the two
/// differences counts: what is counted may last longer for it, never shorter. After a reboot only the wall
/// clock is left; one that has gone back counts as no time at all.
Elapsed advance_from(const ClockSnapshot& stored, Wall wall, Duration boot);

/// The machine's clocks. The steady one stands still while the machine is suspended; the elapsed one goes on.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Moment now() const override;

  /// Elapsed time goes on from where an earlier run had come to.
  void resume_from(const ClockSnapshot& stored);
  ClockSnapshot snapshot() const;

 private:
  Duration elapsed_at_boot_{0};
};

}  // namespace bankconnect
