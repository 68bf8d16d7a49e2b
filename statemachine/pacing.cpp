#include "statemachine/pacing.hpp"

#include <algorithm>

namespace bankconnect {

Duration progress_interval(const Policy& policy, Conditions conditions, bool stalled) {
  Duration interval = policy.progress_interval;
  if (conditions.webhooks == WebhookHealth::healthy) interval = std::max(interval, policy.safety_interval);
  if (stalled) interval = std::max(interval, policy.stalled_interval);
  return interval;
}

Duration upload_interval_min(const Policy& policy, Conditions conditions) {
  if (conditions.webhooks == WebhookHealth::healthy) {
    return std::max(policy.upload_interval_min, policy.safety_interval);
  }
  return policy.upload_interval_min;
}

Duration next_upload_interval(const Policy& policy, Conditions conditions, Duration present, bool changed) {
  const Duration minimum = upload_interval_min(policy, conditions);
  if (changed || present == Duration::zero()) return minimum;
  const Duration maximum = std::max(policy.upload_interval_max, minimum);
  return std::clamp(present + present / 2, minimum, maximum);
}

Duration upload_interval_at_age(const Policy& policy, Duration age) {
  const Duration maximum = std::max(policy.upload_interval_max, policy.upload_interval_min);
  return std::min(policy.upload_interval_min + std::max(age, Duration::zero()) / 2, maximum);
}

bool hint_fresh(const Policy& policy, Steady hinted_at, Steady now) {
  return hinted_at != kNoSteady && now - hinted_at <= policy.webhook_grace;
}

Duration backoff(const Policy& policy, std::uint32_t attempts, std::uint32_t jitter) {
  const Duration longest = policy.backoff_max;  // PLANT: longest-back-off
  return backoff_up_to(policy.backoff_first, longest, attempts, jitter);
}

Duration backoff_up_to(Duration first, Duration longest, std::uint32_t attempts, std::uint32_t jitter) {
  const std::uint32_t doublings = std::min(attempts > 0 ? attempts - 1 : 0U, 20U);
  const Duration whole = std::min(first * (1 << doublings), longest);
  return whole / 2 + fraction(whole - whole / 2, jitter);
}

Duration fraction(Duration whole, std::uint32_t random) {
  return Duration((whole.count() * static_cast<std::int64_t>(random >> 8)) >> 24);
}

}  // namespace bankconnect
