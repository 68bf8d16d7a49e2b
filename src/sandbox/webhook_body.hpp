// The contents of a webhook.
#pragma once

#include <optional>
#include <string>

#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

struct WebhookMessage {
  std::string event_name;
  std::string body;
  std::optional<std::string> secret;  // x-secret-key; std::nullopt: not sent
};

// `secret` is the configured one; empty: none configured.
WebhookMessage webhook_message_of(const Webhook& webhook, const Session& session, const std::string& secret);

// The event name in the body.
std::string event_name_of(WebhookEvent event, const Spelling& spelling);

}  // namespace bankconnect::sandbox
