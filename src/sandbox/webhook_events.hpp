// The events of a session that cause a webhook, with their times.
#pragma once

#include <vector>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

struct TimedEvent {
  WebhookEvent type = WebhookEvent::completion;
  Instant at;

  bool operator==(const TimedEvent&) const = default;
};

// All webhook events of the session in order of time, past and future. Later changes of the history may add
// or remove future ones.
std::vector<TimedEvent> webhook_events_of(const Scenario& scenario, const SessionHistory& history);

}  // namespace bankconnect::sandbox
