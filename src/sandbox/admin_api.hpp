#pragma once

#include "src/sandbox/message.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"

namespace bankconnect::sandbox {

// The calls under /sandbox/ by which a person or a test looks at sessions and moves them by hand. They want
// no headers, meet no faults and are not in the request log.
bool is_admin_call(std::string_view target);
Reply handle_admin_call(const Request& request, Sandbox& sandbox, const RequestLog& log, Instant now);

}  // namespace bankconnect::sandbox
