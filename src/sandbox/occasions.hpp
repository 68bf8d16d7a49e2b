// The moments in a session's life that a webhook tells of.
#pragma once

#include <vector>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

struct Occasion {
  WebhookEvent event = WebhookEvent::completion;
  Instant at;

  bool operator==(const Occasion&) const = default;
};

// All occasions of the session's life as it looks now, past and to come, in the order of their time. Later
// events may bring others.
std::vector<Occasion> occasions_of(const Scenario& scenario, const Events& events);

}  // namespace bankconnect::sandbox
