// Which webhooks a session is to send, and when: its occasions, and what the faults make of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/sandbox/webhook_events.hpp"

namespace bankconnect::sandbox {

// A webhook on its way out.
struct Webhook {
  std::string session_id;
  TimedEvent event;
  Instant due;
  SessionState state;  // what its body tells of
  std::optional<WebhookFaultAction> fault_action;
  bool manual = false;
  bool requeued = false;  // it has been taken out before: the second of two, or one that was held back
};

// The faults that strike whatever session, counted from the start of the sandbox.
struct CommonWebhookFaults {
  const std::vector<WebhookFault>& faults;
  Instant started;
};

bool has_fault(const Webhook& webhook, WebhookFaultKind kind);

// One for each occasion of the session's life, unless it was told of beforehand.
std::vector<Webhook> planned_webhooks(const Session& session, const CommonWebhookFaults& common);

// Those of `before_submission`: due when the session begins, and telling of a life nobody has lived yet.
std::vector<Webhook> premature_webhooks(const Session& session, const CommonWebhookFaults& common);

}  // namespace bankconnect::sandbox
