#pragma once

#include "src/sandbox/message.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"

namespace bankconnect::sandbox {

// The calls under /sandbox/ by which a person or a test looks at sessions and moves them by hand. They want
// no headers, meet no faults and are not in the request log.
bool is_hand_control(std::string_view target);
Reply hand_control(const Request& request, Sandbox& sandbox, const RequestLog& log, Instant now);

}  // namespace bankconnect::sandbox
