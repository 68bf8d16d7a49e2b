#include "statemachine/session.hpp"

namespace bankconnect {

Call first_call(State state) {
  switch (state) {
    case State::processing:
    case State::failed: return Call::progress;
    case State::enriched: return Call::session_status;
    case State::no_uploads:
    case State::in_progress:
    case State::completed:
    case State::expired: break;
  }
  return Call::upload_status;
}

Session new_session(const SessionId& id, bool hold, Moment now) {
  Session session;
  session.id = id;
  session.durable.hold = hold;
  session.durable.submitted_at = now.wall;
  session.durable.followed_from = now.elapsed;
  session.durable.since = now.wall;
  session.durable.state_since = now.elapsed;
  return session;
}

Session hinted_before(Session session, Wall hinted_at, Moment now) {
  session.durable.hinted_at = hinted_at;
  session.in_memory.hinted_at = now.steady;
  session.in_memory.hinted = kAnyNotification;
  session.in_memory.asked_because = Cause::hint;
  return session;
}

Session restored_session(const SessionId& id, const Durable& durable) {
  Session session;
  session.id = id;
  session.durable = durable;
  session.in_memory.is_new = false;
  session.in_memory.repeat_attempt = durable.requested_at != kNoWall;
  // The links to reports are not stored: fresh insights have them.
  session.in_memory.next_call = awaits_reports(durable) ? Call::insights : first_call(durable.state);
  // Which call did not find the session is not stored. The one that comes last is the safe guess: only its
  // success ends the grace period.
  const bool initiating = durable.requested_at != kNoWall && durable.state != State::processing;
  session.in_memory.not_found_call = initiating ? Call::initiate : session.in_memory.next_call;
  return session;
}

}  // namespace bankconnect
