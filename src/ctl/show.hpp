// Sessions and events as a person reads them. No line says anything to the terminal it is shown on.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace bankconnect::ctl {

/// An object the daemon sent.
boost::json::object parsed(std::string_view text);

/// A text member, or "" when it is null or absent.
std::string text_at(const boost::json::object& object, std::string_view key);

/// `ENRICHED (partial)`, `FAILED (SESSION_DELETED)`, `EXPIRED (final)`, `PROCESSING (stalled)`.
std::string state_of(const boost::json::object& session);

/// One line of a table of sessions, and the line above it.
std::string session_heading();
std::string session_line(const boost::json::object& session);

/// Everything about a session, a line a fact.
std::string session_page(const boost::json::object& session);

/// One line for an event.
std::string event_line(const boost::json::object& event);

/// The daemon's status, a line a fact.
std::string webhook_heading();
std::string webhook_line(const boost::json::object& webhook);
std::string status_page(const boost::json::object& status);

}  // namespace bankconnect::ctl
