// What a webhook says on the wire.
#pragma once

#include <optional>
#include <string>

#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

struct WebhookMessage {
  std::string event_name;
  std::string body;
  std::optional<std::string> secret;  // x-secret-key; nothing: left out
};

// `secret` is the configured one; empty: none.
WebhookMessage webhook_message_of(const Webhook& webhook, const Session& session, const std::string& secret);

// The documented name, as the scenario spells it.
std::string event_name_of(WebhookEvent event, const Spelling& spelling);

}  // namespace bankconnect::sandbox
