// What a webhook says on the wire.
#pragma once

#include <optional>
#include <string>

#include "src/sandbox/sending.hpp"

namespace bankconnect::sandbox {

struct Outgoing {
  std::string event_name;
  std::string body;
  std::optional<std::string> secret;  // x-secret-key; nothing: left out
};

// `secret` is the configured one; empty: none.
Outgoing outgoing_of(const Sending& sending, const Session& session, const std::string& secret);

// The documented name, as the scenario spells it.
std::string event_name_of(WebhookEvent event, const Spelling& spelling);

}  // namespace bankconnect::sandbox
