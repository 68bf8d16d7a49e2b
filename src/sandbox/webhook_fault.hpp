// What webhooks tell, and what can go wrong with them on purpose.
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

// What a contradicting body gets wrong.
enum class Claim { accounts, status, event, session };

inline constexpr NameTable<Claim, 4> kClaimNames{{{"accounts", Claim::accounts},
                                                  {"status", Claim::status},
                                                  {"event", Claim::event},
                                                  {"session", Claim::session}}};

// What a fault makes of a webhook.
struct WebhookFaultAction {
  WebhookFaultKind kind = WebhookFaultKind::lost;
  Duration delay{};  // of late and early; between the two of a doubled one
  Claim claim = Claim::accounts;
};

// Which webhooks a fault strikes: those that every key fits.
struct WebhookTrigger {
  std::optional<WebhookEvent> event;  // nothing: any
  std::vector<int> nth;               // of this event of one session, from 1; empty: each
  int share = 100;                    // per cent of the sessions; which ones hangs on their ids alone
  Duration from{};
  std::optional<Duration> until;
};

struct WebhookFault {
  WebhookTrigger trigger;
  WebhookFaultAction action;
};

// The delay of a fault that names none.
Duration default_delay(WebhookFaultKind kind);

}  // namespace bankconnect::sandbox
