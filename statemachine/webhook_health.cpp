#include "statemachine/webhook_health.hpp"

#include <algorithm>

namespace bankconnect {

NotificationSet notifications_named(std::string_view event_name) {
  if (event_name == "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION" ||
      event_name == "SESSION_COMPLETION_NOTIFICATION") {
    return bit(Notification::completion);
  }
  if (event_name == "SESSION_EXPIRY_NOTIFICATION") return bit(Notification::expiry);
  if (event_name == "ENRICHMENT_NOTIFICATION") return bit(Notification::enrichment);
  return kAnyNotification;
}

std::string_view to_string(Notification kind) {
  switch (kind) {
    case Notification::completion: return "completion";
    case Notification::expiry: return "expiry";
    case Notification::enrichment: return "enrichment";
  }
  return "";
}

std::string_view to_string(WebhookHealth health) {
  switch (health) {
    case WebhookHealth::off: return "off";
    case WebhookHealth::unproven: return "unproven";
    case WebhookHealth::healthy: return "healthy";
    case WebhookHealth::degraded: return "degraded";
  }
  return "";
}

WebhookHealth WebhookHealthMonitor::health() const {
  if (!listening_) return WebhookHealth::off;
  if (std::ranges::any_of(kinds_, [](const Kind& kind) { return kind.missed_at != kNoSteady; }))
    return WebhookHealth::degraded;
  const bool proven = std::ranges::any_of(kinds_, [](const Kind& kind) { return kind.proven; });
  return proven ? WebhookHealth::healthy : WebhookHealth::unproven;
}

void WebhookHealthMonitor::announced(Notification notification, Steady now) {
  Kind& kind = kinds_[static_cast<std::size_t>(notification)];
  if (kind.missed_at != kNoSteady && now - kind.missed_at <= grace_) return;
  kind = {true, kNoSteady};
}

void WebhookHealthMonitor::missed(Notification notification, Steady now) {
  kinds_[static_cast<std::size_t>(notification)].missed_at = now;
}

}  // namespace bankconnect
