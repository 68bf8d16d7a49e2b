#pragma once

#include <string>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// The insights body. It depends on the session, its date range and its scenario, not on the time of the call.
// Transactions and trailing blanks fill it to exactly insights_size bytes. If that is too small for one
// transaction an account, the body is longer.
std::string insights_answer(const Session& session, const SessionState& state);

}  // namespace bankconnect::sandbox
