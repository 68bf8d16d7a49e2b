#include "src/follow/answer_times.hpp"

#include <algorithm>

#include "bankconnect/percentile.hpp"

namespace bankconnect::follow {

void AnswerTimes::add(Duration took) {
  latest_[added_ % kKept] = took;
  ++added_;
  if (added_ > kBetween && added_ % kBetween != 0) return;
  const auto end = latest_.begin() + static_cast<std::ptrdiff_t>(std::min(added_, kKept));
  in_time_ = std::max(kLeast, kTimesMedian * percentile({latest_.begin(), end}, 0.5));
}

}  // namespace bankconnect::follow
