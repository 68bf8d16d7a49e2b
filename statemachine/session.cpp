#include "statemachine/session.hpp"

namespace bankconnect {

Session new_session(const SessionId& id, bool hold, Moment now) {
  Session session;
  session.id = id;
  session.kept.hold = hold;
  session.kept.submitted_at = now.wall;
  session.kept.followed_from = now.reckoned;
  session.kept.since = now.wall;
  session.kept.state_since = now.reckoned;
  session.live.state_since = now.steady;
  session.live.followed_from = now.steady;
  return session;
}

Session hinted_before(Session session, Wall hinted_at, Moment now) {
  session.kept.hinted_at = hinted_at;
  session.live.hinted_at = now.steady;
  session.live.hinted = kAnyNews;
  session.live.asked_because = Cause::hint;
  return session;
}

Session restored_session(const SessionId& id, const Kept& kept, Moment now) {
  Session session;
  session.id = id;
  session.kept = kept;
  session.live.fresh = false;
  session.live.repeat_attempt = kept.requested_at != kNoWall;
  session.live.next_call = kept.state == State::processing ? Call::progress : Call::upload_status;
  // Which call did not find it is not kept. The one that comes last is the safe guess: only its success ends
  // the grace period.
  const bool initiating = kept.requested_at != kNoWall && kept.state != State::processing;
  session.live.not_found_call = initiating ? Call::initiate : session.live.next_call;
  session.live.state_since = steady_of_past(kept.state_since, now);
  session.live.followed_from = steady_of_past(kept.followed_from, now);
  session.live.not_found_since = steady_of_past(kept.not_found_since, now);
  return session;
}

}  // namespace bankconnect
