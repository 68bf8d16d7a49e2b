// The last few thousand measurements of something, and their percentiles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "statemachine/moment.hpp"

namespace bankconnect::monitor {

class Recent {
 public:
  void add(Duration value) {
    values_[next_ % values_.size()] = value;
    ++next_;
  }
  /// The value that `part` (0 to 1) of the measurements do not exceed; zero when there are none.
  Duration percentile(double part) const {
    std::vector<Duration> sorted(
        values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, values_.size())));
    if (sorted.empty()) return Duration::zero();
    const auto at =
        sorted.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  }

 private:
  std::array<Duration, 4096> values_{};
  std::size_t next_ = 0;
};

}  // namespace bankconnect::monitor
