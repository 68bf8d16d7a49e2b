// Sessions, times and notifications of the tests of webhooks.
#pragma once

#include "statemachine/moment.hpp"
#include "statemachine/session_id.hpp"
#include "statemachine/webhook_health.hpp"

namespace bankconnect::test {

inline constexpr SessionId kOne{{1}};
inline constexpr SessionId kTwo{{2}};
inline constexpr SessionId kThree{{3}};
inline constexpr Duration kWebhookGrace = std::chrono::seconds(15);
inline constexpr NotificationSet kCompletion = bit(Notification::completion);
inline constexpr NotificationSet kExpiry = bit(Notification::expiry);
inline constexpr NotificationSet kEnrichment = bit(Notification::enrichment);

constexpr Steady at(Duration time) {
  return Steady(std::chrono::seconds(1000) + time);
}

}  // namespace bankconnect::test
