#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// What the request log tells of a webhook besides.
struct WebhookLogFields {
  std::string_view event;
  std::string event_name;  // on the wire
  Instant changed_at;      // when upstream's answers turn, or turned
  std::string error;       // why there was no answer, or what was wrong with it
  Duration took{};
};

// One webhook, or one answered (or deliberately unanswered) request, as the request log tells it.
struct LogEntry {
  Instant at;
  std::uint64_t seq = 0;
  std::int64_t steady_us = 0;
  std::string_view call = "unknown";
  std::string session_id;
  int http_status = 0;             // 0: there was no answer
  std::string_view effect;         // what changed; empty: nothing
  std::string_view fault;          // the kind of fault that struck
  std::string_view upload_status;  // the truth just before the call
  std::optional<WebhookLogFields> webhook;
};

}  // namespace bankconnect::sandbox
