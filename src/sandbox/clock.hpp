#pragma once

#include <chrono>
#include <cstdint>

#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// Reads the wall clock once and adds monotonic time, so that adjusting the clock affects no session.
class Clock {
 public:
  Instant now() const {
    return start_ +
           std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - steady_);
  }

  // Microseconds of the monotonic clock, comparable between processes of one machine.
  static std::int64_t steady_us() {
    const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since_boot).count();
  }

 private:
  std::chrono::steady_clock::time_point steady_ = std::chrono::steady_clock::now();
  Instant start_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
};

}  // namespace bankconnect::sandbox
