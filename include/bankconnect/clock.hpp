// Where the shell gets "now" from. The core never sees this: it is handed Moments.
#pragma once

#include "statemachine/moment.hpp"

namespace bankconnect {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
};

/// How far reckoned time had come when the other two clocks stood where they did.
struct Reckoning {
  Reckoned reckoned = kNoReckoned;
  Wall wall = kNoWall;
  Duration boot{0};  ///< since the machine's start, time suspended included
};

/// Where reckoned time stands now: later by how long the daemon was away. While the machine is up, the clock
/// that counts from its start says so, and the wall clock may have been set; but the database may also have
/// come from a machine that started later than this one. The lesser of the two is believed: what is counted
/// may last longer for it, never shorter. After a reboot only the wall clock can say it; one that has gone
/// back counts as no time at all.
Reckoned reckon_on(const Reckoning& kept, Wall wall, Duration boot);

/// The machine's clocks. The steady one does not move while the machine is suspended; the reckoned one does.
class SystemClock final : public Clock {
 public:
  SystemClock();
  Moment now() const override;

  /// Goes on from where an earlier run had come to.
  void go_on_from(const Reckoning& kept);
  Reckoning reckoning() const;

 private:
  Duration reckoned_at_boot_{0};
};

}  // namespace bankconnect
