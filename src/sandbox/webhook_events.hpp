// The moments in a session's life that a webhook tells of.
#pragma once

#include <vector>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

struct TimedEvent {
  WebhookEvent type = WebhookEvent::completion;
  Instant at;

  bool operator==(const TimedEvent&) const = default;
};

// All occasions of the session's life as it looks now, past and to come, in the order of their time. Later
// events may bring others.
std::vector<TimedEvent> webhook_events_of(const Scenario& scenario, const SessionHistory& history);

}  // namespace bankconnect::sandbox
