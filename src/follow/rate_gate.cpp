#include "src/follow/rate_gate.hpp"

#include <algorithm>

namespace bankconnect::follow {
namespace {

constexpr std::int64_t kBurstUs = 100'000;
constexpr Duration kFirstWait = std::chrono::seconds(1);
constexpr Duration kLongestWait = std::chrono::seconds(30);

std::int64_t to_us(Steady at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

}  // namespace

Steady RateGate::open_at(Steady now) const {
  const Steady held = probing_ ? std::min(not_before_, last_call_ + kProbeInterval) : not_before_;
  Steady at = std::max(now, held);
  if (per_second_ == 0) return at;
  const std::int64_t free_us = theoretical_arrival_us_ - kBurstUs;
  if (free_us <= to_us(at)) return at;
  return Steady(std::chrono::ceil<Duration>(std::chrono::microseconds(free_us)));
}

void RateGate::pass(Steady now) {
  last_call_ = now;
  if (per_second_ == 0) return;
  theoretical_arrival_us_ = std::max(theoretical_arrival_us_, to_us(now)) + 1'000'000 / per_second_;
}

void RateGate::slow_down(Steady now, Duration wait) {
  if (wait == Duration::zero()) {
    if (now < not_before_) return;  // a call that was in flight when the last such answer came
    wait_ = std::clamp<Duration>(wait_ * 2, kFirstWait, kLongestWait);
    wait = wait_;
  }
  not_before_ = std::max(not_before_, now + wait);
  if (not_before_ - now > kLongestSilence) probing_ = true;
}

void RateGate::speed_up() {
  wait_ = Duration::zero();
  if (!probing_) return;
  probing_ = false;
  not_before_ = kNoSteady;
}

}  // namespace bankconnect::follow
