// The webhook events, and the injected faults of webhooks.
#pragma once

#include <optional>
#include <vector>

#include "src/sandbox/name_table.hpp"
#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

enum class WebhookEvent { completion, expiry, enrichment };

inline constexpr NameTable<WebhookEvent, 3> kWebhookEventNames{{{"completion", WebhookEvent::completion},
                                                                {"expiry", WebhookEvent::expiry},
                                                                {"enrichment", WebhookEvent::enrichment}}};

enum class WebhookFaultKind {
  lost,
  doubled,
  late,
  early,
  before_submission,
  reordered,
  contradicting,
  wrong_secret,
  no_secret,
  unknown_event
};

inline constexpr NameTable<WebhookFaultKind, 10> kWebhookFaultNames{
    {{"lost", WebhookFaultKind::lost},
     {"doubled", WebhookFaultKind::doubled},
     {"late", WebhookFaultKind::late},
     {"early", WebhookFaultKind::early},
     {"before_submission", WebhookFaultKind::before_submission},
     {"reordered", WebhookFaultKind::reordered},
     {"contradicting", WebhookFaultKind::contradicting},
     {"wrong_secret", WebhookFaultKind::wrong_secret},
     {"no_secret", WebhookFaultKind::no_secret},
     {"unknown_event", WebhookFaultKind::unknown_event}}};

// What is wrong in the body of a `contradicting` webhook.
enum class Claim { accounts, status, event, session };

inline constexpr NameTable<Claim, 4> kClaimNames{{{"accounts", Claim::accounts},
                                                  {"status", Claim::status},
                                                  {"event", Claim::event},
                                                  {"session", Claim::session}}};

// What a fault does to a webhook.
struct WebhookFaultAction {
  WebhookFaultKind kind = WebhookFaultKind::lost;
  Duration delay{};  // of late and early; between the two webhooks of `doubled`
  Claim claim = Claim::accounts;
};

// Which webhooks a fault applies to: those that match all fields.
struct WebhookTrigger {
  std::optional<WebhookEvent> event;  // std::nullopt: any
  std::vector<int> nth;               // counted per session and event, from 1; empty: all
  int share = 100;                    // per cent of the sessions, selected by their ids
  Duration from{};
  std::optional<Duration> until;
};

struct WebhookFault {
  WebhookTrigger trigger;
  WebhookFaultAction action;
};

// The delay of a fault without a `delay` key.
Duration default_delay(WebhookFaultKind kind);

}  // namespace bankconnect::sandbox
