// Formats sessions, events and the status for people. Control characters are replaced.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace bankconnect::ctl {

/// An object the daemon sent.
boost::json::object parse_object(std::string_view text);

/// The object with every time in it by the local clock, with its offset: `2025-11-13 12:18:44+05:30`.
boost::json::object with_local_times(boost::json::object object);

/// A text member, or "" when it is null or absent.
std::string text_at(const boost::json::object& object, std::string_view key);

/// A member, or an empty one when it is null, absent or something else.
const boost::json::object& object_at(const boost::json::object& object, std::string_view key);
const boost::json::array& array_at(const boost::json::object& object, std::string_view key);

/// `ENRICHED (partial)`, `FAILED (SESSION_DELETED)`, `EXPIRED (final)`, `PROCESSING (stalled)`.
std::string state_of(const boost::json::object& session);

/// One line of a table of sessions, and the line above it.
std::string session_heading();
std::string session_line(const boost::json::object& session);

/// Everything about a session, one line for each field.
std::string session_details(const boost::json::object& session);

/// One line for an event.
std::string event_line(const boost::json::object& event);

/// One line of a table of webhooks, and the line above it.
std::string webhook_heading();
std::string webhook_line(const boost::json::object& webhook);

/// The daemon's status, one line for each field.
std::string status_details(const boost::json::object& status);

}  // namespace bankconnect::ctl
