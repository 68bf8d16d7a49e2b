// How fast an answer has to come, as a value. One that drips would hold its connection, and its session, for
// as long as a call may take at all.
#pragma once

#include <chrono>
#include <cstdint>

namespace bankconnect::upstream {

class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// An answer may pause for `grace`, all its pauses together. `bytes_per_second` = 0: no minimum.
  Pace(Time began, Time::duration grace, std::uint64_t bytes_per_second)
      : due_from_(began + grace), bytes_per_second_(bytes_per_second) {}

  /// By when more than `bytes` must have come.
  Time due_after(std::uint64_t bytes) const {
    if (bytes_per_second_ == 0) return Time::max();
    return due_from_ + std::chrono::milliseconds(bytes * 1000 / bytes_per_second_);
  }
  /// The daemon itself did not read for a while.
  void delayed(Time::duration by) { due_from_ += by; }

 private:
  Time due_from_;
  std::uint64_t bytes_per_second_;
};

}  // namespace bankconnect::upstream
