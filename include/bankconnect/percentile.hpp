// Percentiles of measurements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "statemachine/moment.hpp"

namespace bankconnect {

/// The value that `part` (0 to 1) of the measurements do not exceed; zero when there are none.
inline Duration percentile(std::vector<Duration> measured, double part) {
  if (measured.empty()) return Duration::zero();
  const auto at =
      measured.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(measured.size() - 1));
  std::nth_element(measured.begin(), at, measured.end());
  return *at;
}

}  // namespace bankconnect
