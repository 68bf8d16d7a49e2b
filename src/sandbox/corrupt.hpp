#pragma once

#include <string>

#include "src/sandbox/fault.hpp"
#include "src/sandbox/message.hpp"

namespace bankconnect::sandbox {

// What a fault makes of an answer. `reply` is the true one, or an empty 200 when the call was not heard.
Reply corrupt(Reply reply, const Fault& fault, const std::string& session_id, Instant now);

}  // namespace bankconnect::sandbox
