#pragma once

#include <string>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// The insights body. The bytes depend on the session, its date range and its scenario only, never on the time
// of the call. It is as long as the scenario's insights_size says: transactions fill it, blanks at the end
// make it exact. A size too small for one account's frame gives the frame.
std::string insights_answer(const Session& session, const SessionState& state);

}  // namespace bankconnect::sandbox
