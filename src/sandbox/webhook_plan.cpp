#include "src/sandbox/webhook_plan.hpp"

#include <algorithm>

#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr std::uint64_t kWholeShare = 100;  // per cent

// Depends on the session id and the event only, so that every run selects the same sessions.
bool in_share(const WebhookTrigger& trigger, const std::string& session_id, WebhookEvent event) {
  if (trigger.share >= static_cast<int>(kWholeShare)) return true;
  SeededRandom rng(session_id + '/' + std::string(name_of(kWebhookEventNames, event)));
  return rng.below(kWholeShare) < static_cast<std::uint64_t>(trigger.share);
}

bool selects(const WebhookTrigger& trigger, const std::string& session_id, WebhookEvent event) {
  return (!trigger.event || *trigger.event == event) && in_share(trigger, session_id, event);
}

bool matches(const WebhookTrigger& trigger, const std::string& session_id, const TimedEvent& event, int count,
             Duration age) {
  if (!selects(trigger, session_id, event.type)) return false;
  if (age < trigger.from || (trigger.until && age >= *trigger.until)) return false;
  const auto& nth = trigger.nth;
  return nth.empty() || std::find(nth.begin(), nth.end(), count) != nth.end();
}

const WebhookFaultAction* find_premature_action(const std::vector<WebhookFault>& faults,
                                                const std::string& session_id, WebhookEvent event) {
  for (const auto& [trigger, action] : faults) {
    if (action.kind == WebhookFaultKind::before_submission && selects(trigger, session_id, event))
      return &action;
  }
  return nullptr;
}

const WebhookFaultAction* premature_action(const Session& session, const CommonWebhookFaults& common,
                                           WebhookEvent event) {
  const WebhookFaultAction* own = find_premature_action(session.scenario->webhook_faults, session.id, event);
  return own != nullptr ? own : find_premature_action(common.faults, session.id, event);
}

const WebhookFaultAction* find_matching_action(const std::vector<WebhookFault>& faults,
                                               const std::string& session_id, const TimedEvent& event,
                                               int count, Instant since) {
  const Duration age = std::chrono::duration_cast<Duration>(event.at - since);
  for (const auto& [trigger, action] : faults) {
    // Enrichment is the last event: there is none to hold it back for.
    if (action.kind == WebhookFaultKind::reordered && event.type == WebhookEvent::enrichment) continue;
    if (matches(trigger, session_id, event, count, age)) return &action;
  }
  return nullptr;
}

// A fault of the session takes precedence over one of all sessions.
const WebhookFaultAction* action_for(const Session& session, const CommonWebhookFaults& common,
                                     const TimedEvent& event, int count) {
  const WebhookFaultAction* own = find_matching_action(session.scenario->webhook_faults, session.id, event,
                                                       count, session.history.created);
  return own != nullptr ? own : find_matching_action(common.faults, session.id, event, count, common.started);
}

Instant due_of(const TimedEvent& event, const WebhookFaultAction* action) {
  if (action == nullptr) return event.at;
  if (action->kind == WebhookFaultKind::late) return event.at + action->delay;
  if (action->kind == WebhookFaultKind::early) return event.at - action->delay;
  return event.at;
}

// The state at creation, as if all accounts of the scenario were uploaded already.
SessionState state_with_all_uploads(const Session& session) {
  const Instant created = session.history.created;
  SessionState state = state_at(*session.scenario, session.history, created);
  state.upload_status = UploadStatus::completed;
  state.uploads_since = created;
  state.reopened_since = created;
  return state;
}

}  // namespace

Duration default_delay(WebhookFaultKind kind) {
  const bool waits = kind == WebhookFaultKind::late || kind == WebhookFaultKind::early;
  return waits ? std::chrono::seconds{2} : Duration{};
}

bool has_fault(const Webhook& webhook, WebhookFaultKind kind) {
  return webhook.fault_action && webhook.fault_action->kind == kind;
}

std::vector<Webhook> planned_webhooks(const Session& session, const CommonWebhookFaults& common) {
  std::vector<Webhook> webhooks;
  std::array<int, kWebhookEventNames.size()> counts{};
  for (const TimedEvent& event : webhook_events_of(*session.scenario, session.history)) {
    if (premature_action(session, common, event.type) != nullptr) continue;
    const int count = ++counts[static_cast<std::size_t>(event.type)];
    const WebhookFaultAction* action = action_for(session, common, event, count);
    Webhook webhook{.session_id = session.id,
                    .event = event,
                    .due = due_of(event, action),
                    .state = state_at(*session.scenario, session.history, event.at),
                    .fault_action = {}};
    if (action != nullptr) webhook.fault_action = *action;
    webhooks.push_back(std::move(webhook));
  }
  return webhooks;
}

std::vector<Webhook> premature_webhooks(const Session& session, const CommonWebhookFaults& common) {
  std::vector<Webhook> webhooks;
  for (const auto& [name, event] : kWebhookEventNames) {
    const WebhookFaultAction* action = premature_action(session, common, event);
    if (action == nullptr) continue;
    const Instant created = session.history.created;
    webhooks.push_back({.session_id = session.id,
                        .event = {event, created},
                        .due = created,
                        .state = state_with_all_uploads(session),
                        .fault_action = *action});
  }
  return webhooks;
}

}  // namespace bankconnect::sandbox
