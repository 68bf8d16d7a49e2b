// The query parameters of the calls that list something. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bankconnect/error.hpp"
#include "bankconnect/http_server.hpp"
#include "bankconnect/store.hpp"

namespace bankconnect::control {

/// Error INVALID_SESSION_ID.
Result<SessionId> read_session_id(std::string_view text);

/// `state`, `reference`, `limit`, `after`. Errors BAD_REQUEST.
Result<SessionQuery> read_session_query(const net::Fields& query);

/// `session_id`, `result`, `limit`, `after`. Errors BAD_REQUEST, INVALID_SESSION_ID.
Result<WebhookQuery> read_webhook_query(const net::Fields& query);

struct EventsQuery {
  std::optional<std::uint64_t> after;  ///< nothing: from the oldest event left
  std::uint64_t limit = UINT64_MAX;
  bool follow = false;
  std::optional<SessionId> id;           ///< of this session only
  std::optional<std::string> after_log;  ///< the `log_id` that `after` is of
};
/// `after`, `after_log`, `limit`, `follow`, `session_id`. Errors BAD_REQUEST, INVALID_SESSION_ID.
Result<EventsQuery> read_events_query(const net::Fields& query);

}  // namespace bankconnect::control
