#include "src/sandbox/sending.hpp"

#include <algorithm>

#include "src/sandbox/identity.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr std::uint64_t kWhole = 100;  // per cent

// Hangs on the session and the event alone, so that every run and every machine picks the same ones.
bool in_share(const WebhookTrigger& trigger, const std::string& session_id, WebhookEvent event) {
  if (trigger.share >= static_cast<int>(kWhole)) return true;
  Seed seed(session_id + '/' + std::string(name_of(kWebhookEventNames, event)));
  return seed.below(kWhole) < static_cast<std::uint64_t>(trigger.share);
}

bool concerns(const WebhookTrigger& trigger, const std::string& session_id, WebhookEvent event) {
  return (!trigger.event || *trigger.event == event) && in_share(trigger, session_id, event);
}

bool strikes(const WebhookTrigger& trigger, const std::string& session_id, const Occasion& occasion,
             int count, Duration age) {
  if (!concerns(trigger, session_id, occasion.event)) return false;
  if (age < trigger.from || (trigger.until && age >= *trigger.until)) return false;
  const auto& nth = trigger.nth;
  return nth.empty() || std::find(nth.begin(), nth.end(), count) != nth.end();
}

const WebhookTwist* find_premature(const std::vector<WebhookFault>& faults, const std::string& session_id,
                                   WebhookEvent event) {
  for (const auto& [trigger, twist] : faults) {
    if (twist.kind == WebhookFaultKind::before_submission && concerns(trigger, session_id, event))
      return &twist;
  }
  return nullptr;
}

const WebhookTwist* premature_twist(const Session& session, const CommonWebhookFaults& common,
                                    WebhookEvent event) {
  const WebhookTwist* own = find_premature(session.scenario->webhook_faults, session.id, event);
  return own != nullptr ? own : find_premature(common.faults, session.id, event);
}

const WebhookTwist* find_twist(const std::vector<WebhookFault>& faults, const std::string& session_id,
                               const Occasion& occasion, int count, Instant since) {
  const Duration age = std::chrono::duration_cast<Duration>(occasion.at - since);
  for (const auto& [trigger, twist] : faults) {
    // Nothing comes after enrichment, so there is nothing it could be held back for.
    if (twist.kind == WebhookFaultKind::reordered && occasion.event == WebhookEvent::enrichment) continue;
    if (strikes(trigger, session_id, occasion, count, age)) return &twist;
  }
  return nullptr;
}

// A session's own faults go before those of all sessions.
const WebhookTwist* twist_of(const Session& session, const CommonWebhookFaults& common,
                             const Occasion& occasion, int count) {
  const WebhookTwist* own =
      find_twist(session.scenario->webhook_faults, session.id, occasion, count, session.events.created);
  return own != nullptr ? own : find_twist(common.faults, session.id, occasion, count, common.started);
}

Instant due_of(const Occasion& occasion, const WebhookTwist* twist) {
  if (twist == nullptr) return occasion.at;
  if (twist->kind == WebhookFaultKind::late) return occasion.at + twist->delay;
  if (twist->kind == WebhookFaultKind::early) return occasion.at - twist->delay;
  return occasion.at;
}

// All accounts of the plan, as if they had been there from the first moment.
Truth foretold(const Session& session) {
  const Instant created = session.events.created;
  Truth truth = truth_at(*session.scenario, session.events, created);
  truth.upload_status = UploadStatus::completed;
  truth.uploads_since = created;
  truth.reopened_since = created;
  return truth;
}

}  // namespace

Duration default_delay(WebhookFaultKind kind) {
  const bool waits = kind == WebhookFaultKind::late || kind == WebhookFaultKind::early;
  return waits ? std::chrono::seconds{2} : Duration{};
}

bool is(const Sending& sending, WebhookFaultKind kind) {
  return sending.twist && sending.twist->kind == kind;
}

std::vector<Sending> planned_sendings(const Session& session, const CommonWebhookFaults& common) {
  std::vector<Sending> sendings;
  std::array<int, kWebhookEventNames.size()> counts{};
  for (const Occasion& occasion : occasions_of(*session.scenario, session.events)) {
    if (premature_twist(session, common, occasion.event) != nullptr) continue;
    const int count = ++counts[static_cast<std::size_t>(occasion.event)];
    const WebhookTwist* twist = twist_of(session, common, occasion, count);
    Sending sending{.session_id = session.id,
                    .occasion = occasion,
                    .due = due_of(occasion, twist),
                    .told = truth_at(*session.scenario, session.events, occasion.at),
                    .twist = {}};
    if (twist != nullptr) sending.twist = *twist;
    sendings.push_back(std::move(sending));
  }
  return sendings;
}

std::vector<Sending> premature_sendings(const Session& session, const CommonWebhookFaults& common) {
  std::vector<Sending> sendings;
  for (const auto& [name, event] : kWebhookEventNames) {
    const WebhookTwist* twist = premature_twist(session, common, event);
    if (twist == nullptr) continue;
    const Instant created = session.events.created;
    sendings.push_back({.session_id = session.id,
                        .occasion = {event, created},
                        .due = created,
                        .told = foretold(session),
                        .twist = *twist});
  }
  return sendings;
}

}  // namespace bankconnect::sandbox
