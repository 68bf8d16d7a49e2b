#pragma once

#include <string>

#include "src/sandbox/fault.hpp"
#include "src/sandbox/message.hpp"

namespace bankconnect::sandbox {

// The answer altered by the fault. `reply` is the correct one, or an empty 200 if the call was prevented.
Reply corrupt(Reply reply, const Fault& fault, const std::string& session_id, Instant now);

}  // namespace bankconnect::sandbox
