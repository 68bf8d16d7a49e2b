#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <variant>

#include "src/sandbox/message.hpp"
#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// What POST session/ asks for. `session_id` and `scenario` are the sandbox's own additions.
struct CreateSessionFields {
  std::string session_id;  // empty: any
  std::string scenario;    // empty: the default one
  std::string link_id;
  DateRange range;
  std::optional<Duration> expires_in;
};

// The wish, or the refusal the documents have for it.
std::variant<CreateSessionFields, Reply> read_create_session(const boost::json::object& body, Instant now);

// The six months before, as the documents have it.
DateRange default_range(Instant now);

// The body of a POST as an object, or the refusal of something else. No body counts as {}.
std::variant<boost::json::object, Reply> read_object(const Request& request);

}  // namespace bankconnect::sandbox
