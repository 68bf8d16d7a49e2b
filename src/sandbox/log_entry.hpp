#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// The additional log fields of a webhook.
struct WebhookLogFields {
  std::string_view event;
  std::string event_name;  // on the wire
  Instant changed_at;      // when the answers change, or changed
  std::string error;       // why there was no answer, or how it was invalid
  Duration took{};
};

// One line of the request log: a webhook, or a request (even one that a fault leaves unanswered).
struct LogEntry {
  Instant at;
  std::uint64_t seq = 0;
  std::int64_t steady_us = 0;
  std::string_view call = "unknown";
  std::string session_id;
  int http_status = 0;             // 0: no answer
  std::string_view effect;         // what the call changed; empty: nothing
  std::string_view fault;          // the kind of fault that applied; empty: none
  std::string_view upload_status;  // just before the call
  std::optional<WebhookLogFields> webhook;
};

}  // namespace bankconnect::sandbox
