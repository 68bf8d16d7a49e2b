#pragma once

#include "src/sandbox/message.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"

namespace bankconnect::sandbox {

// The calls under /sandbox/ that show and change sessions. They need no headers, are exempt from faults and
// are not logged.
bool is_admin_call(std::string_view target);
Reply handle_admin_call(const Request& request, Sandbox& sandbox, const RequestLog& log, Instant now);

}  // namespace bankconnect::sandbox
