// What a write changes of a session, in the words of the control socket.
#pragma once

#include "bankconnect/store.hpp"
#include "tests/transcripts/replay/narrator.hpp"

namespace bankconnect::transcripts {

/// `IN_PROGRESS -> COMPLETED, reported COMPLETED, intent to initiate`.
std::string changes(const Durable& before, const SessionWrite& write, const Narrator& narrator);

/// `FAILED SESSION_DELETED`, `EXPIRED (final)`, `ENRICHED partial`.
std::string where(State state, bool final, Outcome outcome, Reason reason);

}  // namespace bankconnect::transcripts
