#include "bankconnect/clock.hpp"

namespace bankconnect {

Moment SystemClock::now() const {
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  return {Steady(std::chrono::floor<Duration>(steady)),
          std::chrono::floor<Duration>(std::chrono::system_clock::now())};
}

}  // namespace bankconnect
