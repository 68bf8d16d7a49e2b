#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <variant>

#include "src/sandbox/message.hpp"
#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// The fields of POST session/. `session_id` and `scenario` are additions of the sandbox.
struct CreateSessionFields {
  std::string session_id;  // empty: a random one
  std::string scenario;    // empty: the default scenario
  std::string link_id;
  DateRange range;
  std::optional<Duration> expires_in;
};

// The fields, or the documented error answer.
std::variant<CreateSessionFields, Reply> read_create_session(const boost::json::object& body, Instant now);

// The documented default: the last six months.
DateRange default_range(Instant now);

// The body of a POST as an object, or an error answer. An empty body counts as {}.
std::variant<boost::json::object, Reply> read_object(const Request& request);

}  // namespace bankconnect::sandbox
