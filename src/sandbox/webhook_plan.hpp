// Which webhooks a session sends and when: its events, altered by faults.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/sandbox/webhook_events.hpp"

namespace bankconnect::sandbox {

// A webhook to be sent.
struct Webhook {
  std::string session_id;
  TimedEvent event;
  Instant due;
  SessionState state;  // what its body reports
  std::optional<WebhookFaultAction> fault_action;
  bool manual = false;    // from the admin API
  bool requeued = false;  // queued a second time: the repeat of a doubled one, or one that was held back
};

// The faults of all sessions. Their times count from the start of the sandbox.
struct CommonWebhookFaults {
  const std::vector<WebhookFault>& faults;
  Instant started;
};

bool has_fault(const Webhook& webhook, WebhookFaultKind kind);

// One for each event of the session, except for events with a premature webhook.
std::vector<Webhook> planned_webhooks(const Session& session, const CommonWebhookFaults& common);

// The webhooks of `before_submission` faults: due when the session is created, before their events happen.
std::vector<Webhook> premature_webhooks(const Session& session, const CommonWebhookFaults& common);

}  // namespace bankconnect::sandbox
