// When a session is asked about next.
#include <algorithm>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"
#include "statemachine/stepping.hpp"

namespace bankconnect {

void Stepping::plan(When when) {
  if (!has_calls(durable())) when = When::never;
  switch (when) {
    case When::unchanged: break;
    case When::in_this_step: ask(); break;
    case When::now: ask_now(); break;
    case When::soon: bring_forward(spaced(), Cause::hint); break;
    case When::upload_pace: pace_upload(); break;
    case When::progress_pace: pace_progress(); break;
    case When::back_off: back_off(); break;
    case When::growing_pause: pause_growing(); break;
    case When::empty_pause:
      in_memory().due = now.steady + backoff(policy, in_memory().empty_fetches, event.jitter);
      in_memory().asked_because = Cause::poll;
      break;
    case When::recheck:
      in_memory().due = now.steady + policy.recheck_interval;
      in_memory().asked_because = Cause::poll;
      break;
    case When::when_given_up: wait_for_operator(); break;
    case When::spread: spread(); break;
    case When::replanned: replan(); break;
    case When::after_outage: hurry_after_outage(); break;
    case When::at_once: in_memory().due = now.steady; break;
    case When::never: in_memory().due = kNever; return;
  }
  if (is_call_result(event.trigger) && in_memory().ask_again) {
    in_memory().ask_again = false;
    const bool commanded = in_memory().ask_again_because == Cause::command;
    bring_forward(commanded ? now.steady : spaced(), in_memory().ask_again_because);
  }
}

/// When a hint may have its question: now, but `hint_spacing` after the last one, and not before the pause
/// ends that BankConnect asked for. Where hints come in a stream, one joins a planned question that follows
/// closely.
Steady Stepping::spaced() const {
  const Volatile& memory = decision.next.in_memory;
  const Steady after = memory.asked_at == kNoSteady ? now.steady : memory.asked_at + policy.hint_spacing;
  const Steady soon = std::max({now.steady, after, memory.not_before});
  const bool stream = soon > now.steady || memory.asked_for_hint;
  const bool joins = stream && memory.due >= soon && memory.due - soon < policy.hint_spacing;
  return joins ? memory.due : soon;
}

/// Never delays a planned question. While a call is in flight, the wish is remembered until it is answered.
void Stepping::bring_forward(Steady due, Cause cause) {
  const bool commanded = cause == Cause::command;
  if (in_memory().in_flight) {  // PLANT: in-flight-remembered
    if (!in_memory().ask_again || commanded) in_memory().ask_again_because = cause;
    in_memory().ask_again = true;
    return;
  }
  const bool sooner = due < in_memory().due;
  if (sooner)
    in_memory().planned = cause == Cause::hint ? std::min(in_memory().planned, in_memory().due) : kNever;
  if (sooner || commanded) in_memory().asked_because = cause;
  in_memory().due = std::min(in_memory().due, due);
}

void Stepping::ask_now() {
  Cause cause = in_memory().asked_because;
  if (is_command(event.trigger)) cause = Cause::command;
  if (event.trigger == Trigger::submitted) cause = Cause::poll;
  bring_forward(now.steady, cause);
}

bool Stepping::changed() const {
  return decision.persist.transition.has_value() || decision.persist.accounts;
}

/// A question that a hint alone caused, and that changed nothing, leaves the plan as it was.
bool Stepping::keeps_the_plan() const {
  return planned != kNever && decision.next.in_memory.asked_because == Cause::hint && !changed();
}

Steady Stepping::last_asked() const {
  const Steady asked_at = decision.next.in_memory.asked_at;
  return asked_at == kNoSteady ? now.steady : asked_at;
}

/// The shortest interval in which the session is polled while webhooks are not relied on.
Duration Stepping::first_interval() const {
  const bool processing = decision.next.durable.state == State::processing;
  return processing ? policy.progress_interval : policy.upload_interval_min;
}

void Stepping::pace_upload() {
  const Steady from = last_asked();
  if (keeps_the_plan()) {
    in_memory().due = std::max(planned, now.steady);
  } else {
    in_memory().interval = next_upload_interval(policy, conditions, in_memory().interval, changed());
    in_memory().due = upload_due(from);
  }
  // BankConnect's answer may lag behind its webhook.
  if (hint_fresh(policy, in_memory().hinted_at, now.steady))
    in_memory().due = std::min(in_memory().due, std::max(from + policy.upload_interval_min, now.steady));
  in_memory().asked_because = Cause::poll;
}

/// One interval after `from`, or earlier where the expiry timestamp or `processing.settle` wants it.
Steady Stepping::upload_due(Steady from) {
  Steady due = std::max(from + in_memory().interval, now.steady);
  if (durable().expires_at != kNoWall && durable().expires_at > now.wall &&
      durable().state != State::expired) {
    due = std::min(due, now.steady + (durable().expires_at - now.wall) + policy.after_expiry);
  }
  if (settling(decision.next, now, policy))
    due = std::min(due, steady_at(durable().state_since + policy.settle, now));
  return due;
}

void Stepping::pace_progress() {
  const Steady from = last_asked();
  // Processing that was asked for earlier may have ended already, after its webhook was sent.
  const bool asked_for_earlier = event.trigger == Trigger::duplicate;
  const Duration interval =
      asked_for_earlier ? policy.progress_interval : progress_interval(policy, conditions, durable().stalled);
  const Steady paced = from + interval;  // PLANT: progress-interval
  in_memory().due = std::max(keeps_the_plan() ? planned : paced, now.steady);
  if (hint_fresh(policy, in_memory().hinted_at, now.steady))
    in_memory().due = std::min(in_memory().due, std::max(from + policy.progress_interval, now.steady));
  in_memory().asked_because = Cause::poll;
}

/// Processing has to be asked for again: every repetition waits longer, and no hint shortens the pause.
void Stepping::pause_growing() {
  const bool often = durable().reinitiates > policy.reinitiate_limit;
  const Duration longest = often ? policy.reinitiate_pause_max : policy.backoff_max;
  in_memory().due =
      now.steady + backoff_up_to(policy.backoff_first, longest, 3U * durable().reinitiates, event.jitter);
  in_memory().not_before = in_memory().due;
  in_memory().asked_because = Cause::poll;
}

/// A session that waits for an operator is asked again when its time is over. While initiate is paused
/// it is not given up then, and asked at the interval of uploads.
void Stepping::wait_for_operator() {
  const Steady until = steady_at(followed_until(decision.next, policy), now);
  if (until <= now.steady && conditions.initiate_paused) return pace_upload();
  in_memory().due = std::max(now.steady, until);
}

/// After a restart: a session with a hint is asked at once, the others at random points of one interval.
void Stepping::spread() {
  const bool hinted = durable().hinted_at != kNoWall;
  in_memory().asked_because = hinted ? Cause::hint : Cause::start;
  if (hinted) {
    in_memory().hinted_at = now.steady;
    in_memory().hinted = kAnyNotification;  // the kind is not stored
  }
  in_memory().due = now.steady + (hinted ? Duration::zero() : fraction(first_interval(), event.jitter));
}

/// The health of the webhooks changed: a waiting session's next poll moves to where it would be, had the
/// health always been so. Questions with another cause (a hint, a command, a failure) stay where they are.
void Stepping::replan() {
  const bool progress = in_memory().next_call == Call::progress;
  const bool polls = progress || in_memory().next_call == Call::upload_status;
  if (in_memory().in_flight || in_memory().attempts > 0 || in_memory().asked_because != Cause::poll ||
      !polls || in_memory().asked_at == kNoSteady) {
    return;
  }
  const Steady from = in_memory().asked_at;
  const Steady was_due = in_memory().due;
  Duration interval = progress_interval(policy, conditions, durable().stalled);
  const bool relaxed = conditions.webhooks == WebhookHealth::healthy;
  if (!progress) {
    const Duration full_polling = upload_interval_at_age(policy, now.elapsed - durable().state_since);
    in_memory().interval = relaxed ? std::max(in_memory().interval, upload_interval_min(policy, conditions))
                                   : std::min(in_memory().interval, full_polling);
    interval = in_memory().interval;
  }
  Steady due = progress ? from + interval : upload_due(from);
  // What is late already is asked within one interval, spread out.
  if (due <= now.steady) due = now.steady + fraction(interval, event.jitter);
  if (hint_fresh(policy, in_memory().hinted_at, now.steady)) due = std::min(due, from + first_interval());
  in_memory().due = std::max(relaxed ? due : std::min(due, was_due), now.steady);
}

/// BankConnect answers again: a session that backed off is asked within one interval, spread out; one with a
/// hint as soon as hints may.
void Stepping::hurry_after_outage() {
  const Duration interval = first_interval();
  const Volatile& memory = in_memory();
  const Steady hinted = std::max({now.steady, memory.asked_at + policy.hint_spacing, memory.not_before});
  const Steady spread = std::max({now.steady, memory.asked_at + interval, memory.not_before}) +
                        fraction(interval, event.jitter);
  in_memory().due = std::min(memory.due, durable().hinted_at != kNoWall ? hinted : spread);
}

void Stepping::back_off() {
  in_memory().failed_call = event.call;
  if (in_memory().attempts < UINT16_MAX) ++in_memory().attempts;
  // A session that is refused for its own sake comes back slowly, so as not to pause the others again.
  const bool alone = event.trigger == Trigger::account_refused && event.refused_alone;
  const Duration shortest = alone ? policy.refused_interval : Duration::zero();
  const Duration wait =
      std::max({backoff(policy, in_memory().attempts, event.jitter), event.retry_after, shortest});
  // A failure is no reason to ask more often than after a success. A refusal that is counted is not asked for
  // again sooner because of a hint.
  Duration floor = Duration::zero();
  const bool hinted = durable().hinted_at != kNoWall;
  const bool counted = event.trigger == Trigger::refused;
  if (hinted && !counted) {
    floor = policy.hint_spacing;
  } else if (in_memory().next_call == Call::progress) {
    floor = progress_interval(policy, conditions, durable().stalled);
  } else if (durable().state == State::no_uploads || durable().state == State::in_progress) {
    floor = upload_interval_min(policy, conditions);
  }
  in_memory().due = std::max(now.steady + wait, last_asked() + floor);
  in_memory().not_before = counted ? in_memory().due : now.steady + event.retry_after;
  if (keeps_the_plan()) {
    in_memory().due = std::max({std::min(in_memory().due, planned), in_memory().not_before, now.steady});
    if (in_memory().due < planned) in_memory().planned = planned;
  }
  in_memory().asked_because = hinted ? Cause::hint : Cause::poll;
}

}  // namespace bankconnect
