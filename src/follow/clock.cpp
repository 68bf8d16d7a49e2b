#include "bankconnect/clock.hpp"

#include <algorithm>
#include <ctime>

namespace bankconnect {
namespace {

Duration since_boot() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::floor<Duration>(std::chrono::seconds(time.tv_sec) +
                                      std::chrono::nanoseconds(time.tv_nsec));
}

Wall wall_now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

Reckoned reckon_on(const Reckoning& kept, Wall wall, Duration boot) {
  const Duration by_wall = std::max(Duration::zero(), wall - kept.wall);
  const bool same_boot = boot >= kept.boot;  // or so it seems
  return kept.reckoned + (same_boot ? std::min(boot - kept.boot, by_wall) : by_wall);
}

SystemClock::SystemClock() : reckoned_at_boot_(wall_now().time_since_epoch() - since_boot()) {}

Moment SystemClock::now() const {
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  return {Steady(std::chrono::floor<Duration>(steady)), wall_now(),
          Reckoned(reckoned_at_boot_ + since_boot())};
}

void SystemClock::go_on_from(const Reckoning& kept) {
  const Duration boot = since_boot();
  reckoned_at_boot_ = reckon_on(kept, wall_now(), boot).time_since_epoch() - boot;
}

Reckoning SystemClock::reckoning() const {
  const Duration boot = since_boot();
  return {Reckoned(reckoned_at_boot_ + boot), wall_now(), boot};
}

}  // namespace bankconnect
