// Where the shell gets "now" from. The core never sees this: it is handed Moments.
#pragma once

#include "statemachine/moment.hpp"

namespace bankconnect {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
};

/// The machine's clocks. The steady one does not move while the machine is suspended.
class SystemClock final : public Clock {
 public:
  Moment now() const override;
};

}  // namespace bankconnect
