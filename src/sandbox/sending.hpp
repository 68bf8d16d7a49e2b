// Which webhooks a session is to send, and when: its occasions, and what the faults make of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/sandbox/occasions.hpp"

namespace bankconnect::sandbox {

// A webhook on its way out.
struct Sending {
  std::string session_id;
  Occasion occasion;
  Instant due;
  Truth told;  // what its body tells of
  std::optional<WebhookTwist> twist;
  bool by_hand = false;
  bool once_more = false;  // it has been taken out before: the second of two, or one that was held back
};

// The faults that strike whatever session, counted from the start of the sandbox.
struct CommonWebhookFaults {
  const std::vector<WebhookFault>& faults;
  Instant started;
};

bool is(const Sending& sending, WebhookFaultKind kind);

// One for each occasion of the session's life, unless it was told of beforehand.
std::vector<Sending> planned_sendings(const Session& session, const CommonWebhookFaults& common);

// Those of `before_submission`: due when the session begins, and telling of a life nobody has lived yet.
std::vector<Sending> premature_sendings(const Session& session, const CommonWebhookFaults& common);

}  // namespace bankconnect::sandbox
