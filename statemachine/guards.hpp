// The conditions of the transition table, as predicates over values.
#pragma once

#include "statemachine/event.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session.hpp"
#include "statemachine/table.hpp"

namespace bankconnect {

/// Whether a row's guard holds for this session, after the event's facts were absorbed.
bool holds(Guard guard, const Session& session, const Event& event, Moment now, const Policy& policy,
           Conditions conditions);

/// Whether a session that failed with it was given up by a time limit of ours: BankConnect may finish after
/// all.
bool is_time_limit(Reason reason);

/// When following gives up: `polling.follow_for` after the submission (or the last retry), or after the
/// expiry timestamp where one is known and lies later.
Elapsed followed_until(const Session& session, const Policy& policy);

/// Whether initiate needs no operator: automatic or asked for, not held, and not paused for all sessions.
bool may_initiate(const Session& session, const Policy& policy, Conditions conditions);

/// Whether initiate is next and rests on an answer that is young enough.
bool evidence_fresh(const Session& session, Moment now, const Policy& policy);

/// Whether a COMPLETED session still waits out `processing.settle`.
bool settling(const Session& session, Moment now, const Policy& policy);

/// Whether a session status says that there will be no insights.
bool all_failed(const ProcessingFacts& facts);

}  // namespace bankconnect
