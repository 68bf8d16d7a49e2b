// How long a poll may take to be answered in time, as a value: learned from those that were answered.
#pragma once

#include <array>
#include <cstddef>

#include "statemachine/moment.hpp"

namespace bankconnect::follow {

class AnswerTimes {
 public:
  static constexpr Duration kLeast = std::chrono::seconds(3);
  static constexpr int kTimesMedian = 8;

  /// A poll was answered after `took`.
  void add(Duration took);
  /// Eight times the median of the latest, kLeast at least.
  Duration in_time() const { return in_time_; }

 private:
  static constexpr std::size_t kKept = 64;
  static constexpr std::size_t kBetween = 16;  // the median is worked out anew every so many

  std::array<Duration, kKept> latest_{};
  std::size_t added_ = 0;
  Duration in_time_ = kLeast;
};

}  // namespace bankconnect::follow
