#include "statemachine/guards.hpp"

#include <algorithm>

namespace bankconnect {

/// `polling.follow_for` runs from the expiry timestamp where one is known and lies later. The distance to it
/// is a difference of kept times, so a clock that jumps now does not matter.
Steady followed_until(const Session& s, const Policy& policy) {
  Duration limit = policy.follow_for;
  if (s.kept.expires_at != kNoWall)
    limit += std::max(Duration::zero(), s.kept.expires_at - as_wall(s.kept.followed_from));
  return s.live.followed_from + limit;
}

bool may_initiate(const Session& s, const Policy& policy) {
  return (policy.auto_process || s.kept.process_wanted) && !s.kept.hold;
}

bool evidence_fresh(const Session& s, Moment now, const Policy& policy) {
  return s.live.next_call == Call::initiate && s.live.evidence_at != kNoReckoned &&
         now.reckoned - s.live.evidence_at <= policy.evidence_max_age;
}

bool settling(const Session& s, Moment now, const Policy& policy) {
  return s.kept.state == State::completed && now.steady < s.live.state_since + policy.settle;
}

namespace {

bool older_than(Steady since, Duration limit, Moment now) {
  return since != kNoSteady && now.steady - since >= limit;
}

bool initiate_wanted(const Session& s, Moment now, const Policy& policy) {
  if (!may_initiate(s, policy)) return false;
  const bool settled =
      policy.settle == Duration::zero() || s.kept.process_wanted || s.kept.state == State::expired ||
      (s.kept.state == State::completed && older_than(s.live.state_since, policy.settle, now));
  return settled;
}

bool worth_trying_expired(const Session& s, const Policy& policy) {
  return s.kept.process_wanted ||
         (policy.expired_sessions == ExpiredSessions::process && s.kept.statements > 0);
}

bool all_failed(const ProcessingFacts& facts) {
  if (facts.insights_available == InsightsAvailable::no) return true;
  return facts.accounts > 0 && facts.failed == facts.accounts;
}

}  // namespace

bool holds(Guard guard, const Session& s, const Event& event, Moment now, const Policy& policy) {
  switch (guard) {
    case Guard::always: return true;
    case Guard::initiate_wanted: return initiate_wanted(s, now, policy);
    case Guard::expired_initiate_wanted: return may_initiate(s, policy) && worth_trying_expired(s, policy);
    case Guard::expired_waits: return !may_initiate(s, policy) && worth_trying_expired(s, policy);
    case Guard::evidence_fresh: return evidence_fresh(s, now, policy);
    case Guard::not_initiating: return !(s.live.in_flight && s.live.next_call == Call::initiate);
    case Guard::first_attempt: return !s.live.repeat_attempt;
    case Guard::held_too_long: return !may_initiate(s, policy) && now.steady >= followed_until(s, policy);
    case Guard::followed_too_long: return now.steady >= followed_until(s, policy);
    case Guard::grace_over: return older_than(s.live.not_found_since, policy.not_found_grace, now);
    case Guard::timed_out: return older_than(s.live.state_since, policy.processing_timeout, now);
    case Guard::becomes_stalled:
      return !s.kept.stalled && older_than(s.live.state_since, policy.stalled_after, now);
    case Guard::may_ask_again: return s.kept.reinitiates < policy.reinitiate_limit;
    case Guard::refusals_left:
      return s.live.refused_call != event.call || s.live.refusals < policy.refusal_retries;
    case Guard::refused_initiate: return event.call == Call::initiate;
    case Guard::all_failed: return all_failed(event.processing);
    case Guard::some_failed: return s.live.accounts_failed;
  }
  return false;
}

}  // namespace bankconnect
