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

Elapsed advance_from(const ClockSnapshot& stored, Wall wall, Duration boot) {
  const Duration by_wall = std::max(Duration::zero(), wall - stored.wall);
  const bool same_boot = boot >= stored.boot;  // or so it seems
  return stored.elapsed + (same_boot ? std::min(boot - stored.boot, by_wall) : by_wall);
}

SystemClock::SystemClock() : elapsed_at_boot_(wall_now().time_since_epoch() - since_boot()) {}

Moment SystemClock::now() const {
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  return {Steady(std::chrono::floor<Duration>(steady)), wall_now(), Elapsed(elapsed_at_boot_ + since_boot())};
}

void SystemClock::resume_from(const ClockSnapshot& stored) {
  const Duration boot = since_boot();
  elapsed_at_boot_ = advance_from(stored, wall_now(), boot).time_since_epoch() - boot;
}

ClockSnapshot SystemClock::snapshot() const {
  const Duration boot = since_boot();
  return {Elapsed(elapsed_at_boot_ + boot), wall_now(), boot};
}

}  // namespace bankconnect
