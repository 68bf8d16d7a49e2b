// How sessions, events and times look to people and programs: one rendering for the socket and the status
// files.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>

#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

/// RFC 3339, UTC, with milliseconds: `2025-11-13T06:48:44.000Z`. Empty for kNoWall.
std::string rfc3339(Wall wall);

enum class History : std::uint8_t { shown, left_out };

/// The contract's session object, one line of JSON. Lists leave the history out.
std::string session_json(const SessionRecord& record, History history = History::shown);

/// The contract's event object, one line of JSON.
std::string event_json(const EventRecord& event);

/// A webhook that was received, without its body, as the socket lists it.
std::string webhook_json(const WebhookRecord& webhook);

/// The last registration of the webhook URL, for the status; `null` when there was none.
std::string registration_json(const std::optional<Registration>& registration);

/// `{"code":…,"message":…}`
boost::json::object error_object(const Error& error);

/// `{"error":{"code":…,"message":…}}`
std::string error_json(const Error& error);

}  // namespace bankconnect
