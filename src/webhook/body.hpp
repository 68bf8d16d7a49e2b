// Reads from a webhook's body which session it is about and its event name. The rest is stored and not used.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "bankconnect/error.hpp"
#include "statemachine/session_id.hpp"

namespace bankconnect::webhook {

struct Body {
  SessionId id;
  std::string event_name;  ///< printable, at most 100 characters; empty when it has none
};

/// Scans strict JSON without building a document, so that its size and depth cost no memory. Error
/// BAD_REQUEST: not a JSON object, or no single `session_id` that is a session id; the message repeats
/// nothing of the body.
Result<Body> read_body(std::string_view text);

}  // namespace bankconnect::webhook
