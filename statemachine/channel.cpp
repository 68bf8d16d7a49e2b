#include "statemachine/channel.hpp"

#include <algorithm>

namespace bankconnect {

NewsBits news_named(std::string_view event_name) {
  if (event_name == "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION" ||
      event_name == "SESSION_COMPLETION_NOTIFICATION") {
    return bit(News::completion);
  }
  if (event_name == "SESSION_EXPIRY_NOTIFICATION") return bit(News::expiry);
  if (event_name == "ENRICHMENT_NOTIFICATION") return bit(News::enrichment);
  return kAnyNews;
}

std::string_view name(News news) {
  switch (news) {
    case News::completion: return "completion";
    case News::expiry: return "expiry";
    case News::enrichment: return "enrichment";
  }
  return "";
}

std::string_view name(WebhookHealth health) {
  switch (health) {
    case WebhookHealth::off: return "off";
    case WebhookHealth::unproven: return "unproven";
    case WebhookHealth::healthy: return "healthy";
    case WebhookHealth::degraded: return "degraded";
  }
  return "";
}

WebhookHealth WebhookChannel::health() const {
  if (!listening_) return WebhookHealth::off;
  if (std::ranges::any_of(kinds_, [](const Kind& kind) { return kind.missed_at != kNoSteady; }))
    return WebhookHealth::degraded;
  const bool proven = std::ranges::any_of(kinds_, [](const Kind& kind) { return kind.proven; });
  return proven ? WebhookHealth::healthy : WebhookHealth::unproven;
}

void WebhookChannel::announced(News news, Steady now) {
  Kind& kind = kinds_[static_cast<std::size_t>(news)];
  if (kind.missed_at != kNoSteady && now - kind.missed_at <= grace_) return;
  kind = {true, kNoSteady};
}

void WebhookChannel::missed(News news, Steady now) {
  kinds_[static_cast<std::size_t>(news)].missed_at = now;
}

}  // namespace bankconnect
