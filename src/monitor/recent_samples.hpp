// The last few thousand measurements of something, and their percentiles.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "bankconnect/percentile.hpp"

namespace bankconnect::monitor {

class RecentSamples {
 public:
  void add(Duration value) {
    values_[next_ % values_.size()] = value;
    ++next_;
  }
  Duration percentile(double part) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(next_, values_.size()));
    return bankconnect::percentile({values_.begin(), values_.begin() + count}, part);
  }

 private:
  std::array<Duration, 4096> values_{};
  std::size_t next_ = 0;
};

}  // namespace bankconnect::monitor
