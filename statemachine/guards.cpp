#include "statemachine/guards.hpp"

#include <algorithm>

namespace bankconnect {

bool is_time_limit(Reason reason) {
  const bool timed_out = reason == Reason::processing_timeout;
  return timed_out || reason == Reason::not_followed_any_longer;  // PLANT: by-clock
}

// The distance to the expiry timestamp is a difference of stored times: setting the wall clock now does not
// change it.
Elapsed followed_until(const Session& s, const Policy& policy) {
  Duration limit = policy.follow_for;
  if (s.durable.expires_at != kNoWall)
    limit += std::max(Duration::zero(), s.durable.expires_at - as_wall(s.durable.followed_from));
  return s.durable.followed_from + limit;
}

bool may_initiate(const Session& s, const Policy& policy, Conditions conditions) {
  if (conditions.initiate_paused) return false;                                 // PLANT: paused
  return (policy.auto_process || s.durable.process_wanted) && !s.durable.hold;  // PLANT: hold
}

bool evidence_fresh(const Session& s, Moment now, const Policy& policy) {
  if (s.in_memory.next_call != Call::initiate || s.in_memory.evidence_at == kNoElapsed) return false;
  return now.elapsed - s.in_memory.evidence_at <= policy.evidence_max_age;  // PLANT: evidence-age
}

bool settling(const Session& s, Moment now, const Policy& policy) {
  return s.durable.state == State::completed && now.elapsed < s.durable.state_since + policy.settle;
}

namespace {

bool older_than(Elapsed since, Duration limit, Moment now) {
  return since != kNoElapsed && now.elapsed - since >= limit;  // PLANT: grace-clock
}

bool initiate_wanted(const Session& s, Moment now, const Policy& policy, Conditions conditions) {
  if (!may_initiate(s, policy, conditions)) return false;
  const bool settled =
      policy.settle == Duration::zero() || s.durable.process_wanted || s.durable.state == State::expired ||
      (s.durable.state == State::completed && older_than(s.durable.state_since, policy.settle, now));
  return settled;
}

bool worth_trying_expired(const Session& s, const Policy& policy) {
  const bool by_policy = policy.expired_sessions == ExpiredSessions::process;  // PLANT: expired-policy
  return s.durable.process_wanted || (by_policy && s.durable.statements > 0);
}

/// A host of BankConnect that is behind is waited for: only a refusal that lasted is one.
bool may_ask_again(const Session& s, Moment now, const Policy& policy) {
  const Elapsed since = s.durable.not_requested_since;
  const bool lasted = older_than(since, policy.not_found_grace, now);  // PLANT: reinitiate-grace
  return s.durable.reinitiates < policy.reinitiate_limit || !lasted;
}

/// A webhook that came while the question was in flight is asked about first, for an hour at most.
bool timed_out(const Session& s, Moment now, const Policy& policy) {
  const Duration limit = policy.processing_timeout;
  if (!older_than(s.durable.state_since, limit, now)) return false;
  return !s.in_memory.ask_again || older_than(s.durable.state_since, limit + policy.after_end_for, now);
}

bool accounts_missing(const Session& s, const Event& event) {
  return event.lists_no_account && s.in_memory.accounts_completed;
}

bool failed_by_clock(const Session& s, const Event& event, Moment now, const Policy& policy) {
  const Elapsed since = s.durable.after_end_since;
  const bool lately = since != kNoElapsed && !older_than(since, policy.after_end_for, now);  // PLANT: lately
  return is_time_limit(s.durable.reason) && !lately && (event.hinted & bit(Notification::enrichment)) != 0;
}

bool error_beside_data(const Session& s, const Event& event) {
  return event.error_beside_data || s.in_memory.error_beside_data;
}

/// What was missing from the stored data may be missing again.
bool less_than_stored(const Session& s, const Event& event) {
  const Why stored = s.durable.why;
  const bool error = error_beside_data(s, event) && stored != Why::enriched_beside_error;
  return error || accounts_missing(s, event) || (event.lists_no_account && s.durable.accounts > 0);
}

}  // namespace

bool all_failed(const ProcessingFacts& facts) {
  if (facts.insights_available == InsightsAvailable::no) return true;
  return facts.accounts > 0 && facts.failed == facts.accounts;
}

bool holds(Guard guard, const Session& s, const Event& event, Moment now, const Policy& policy,
           Conditions conditions) {
  switch (guard) {
    case Guard::always: return true;
    case Guard::initiate_wanted: return initiate_wanted(s, now, policy, conditions);
    case Guard::expired_initiate_wanted:
      return may_initiate(s, policy, conditions) && worth_trying_expired(s, policy);
    case Guard::expired_waits: return !may_initiate(s, policy, conditions) && worth_trying_expired(s, policy);
    case Guard::evidence_fresh: return evidence_fresh(s, now, policy);
    case Guard::not_initiating: return !(s.in_memory.in_flight && s.in_memory.next_call == Call::initiate);
    case Guard::first_attempt: return !s.in_memory.repeat_attempt;
    case Guard::held_too_long:
      // What waits for `resume` is not given up.
      return !may_initiate(s, policy, conditions) && !conditions.initiate_paused &&
             now.elapsed >= followed_until(s, policy);
    case Guard::followed_too_long: return now.elapsed >= followed_until(s, policy);
    case Guard::grace_over: return older_than(s.durable.not_found_since, policy.not_found_grace, now);
    case Guard::timed_out: return timed_out(s, now, policy);
    case Guard::becomes_stalled:
      return !s.durable.stalled && older_than(s.durable.state_since, policy.stalled_after, now);
    case Guard::may_ask_again: return may_ask_again(s, now, policy);
    case Guard::refusals_left:
      return s.in_memory.refusals.call != event.call || s.in_memory.refusals.count < policy.refusal_retries;
    case Guard::refused_initiate: return event.call == Call::initiate;
    case Guard::all_failed: return all_failed(event.processing);
    case Guard::some_failed: return s.in_memory.accounts_failed;
    case Guard::error_beside_data: return error_beside_data(s, event);
    case Guard::accounts_may_follow:
      return accounts_missing(s, event) && s.in_memory.empty_fetches < policy.empty_fetches;
    case Guard::accounts_missing: return accounts_missing(s, event);
    case Guard::end_doubted: return s.in_memory.end_doubted;
    case Guard::backing_off: return s.in_memory.attempts > 0 && !s.in_memory.in_flight;
    case Guard::failed_by_clock: return failed_by_clock(s, event, now, policy);
    case Guard::tried_long_enough: return older_than(s.durable.after_end_since, policy.after_end_for, now);
    case Guard::less_than_stored: return less_than_stored(s, event);
    case Guard::failed_in_processing: return s.durable.failed_from == State::processing;
    case Guard::reports_linked: return event.links_reports;
    case Guard::asked_before: return event.call != s.in_memory.next_call;
  }
  return false;
}

}  // namespace bankconnect
