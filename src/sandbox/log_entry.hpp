#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/sandbox/moment.hpp"

namespace bankconnect::sandbox {

// One answered (or deliberately unanswered) request, as the request log tells it.
struct LogEntry {
  Instant at;
  std::uint64_t seq = 0;
  std::int64_t steady_us = 0;
  std::string_view call = "unknown";
  std::string session_id;
  int http_status = 0;             // 0: the client got no answer
  std::string_view effect;         // what changed; empty: nothing
  std::string_view fault;          // the kind of fault that struck
  std::string_view upload_status;  // the truth just before the call
};

}  // namespace bankconnect::sandbox
