// When a session is asked about next.
#include <algorithm>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"
#include "statemachine/stepping.hpp"

namespace bankconnect {

void Stepping::plan(std::uint32_t acts) {
  if (kept().final) {
    live().due = kNever;
    return;
  }
  if ((acts & kAsk) != 0) ask();
  if ((acts & kPaceUpload) != 0) pace_upload();
  if ((acts & kPaceProgress) != 0) pace_progress();
  if ((acts & kBackOff) != 0) back_off();
  if ((acts & kWaitLong) != 0) live().due = std::max(now.steady, followed_until(decision.next, policy));
  if ((acts & kPatiently) != 0) {
    live().due = now.steady + backoff(policy, 3U * kept().reinitiates, event.jitter);
    live().not_before = live().due;  // no hint shortens what is counted
    live().asked_because = Cause::poll;
  }
  if ((acts & kSoon) != 0) bring_forward(spaced(), Cause::hint);
  if ((acts & kReplan) != 0) replan();
  if ((acts & kSpread) != 0) {
    const bool hinted = kept().hinted_at != kNoWall;
    live().asked_because = hinted ? Cause::hint : Cause::start;
    if (hinted) {
      live().hinted_at = now.steady;
      live().hinted = kAnyNews;  // which kind it was is not kept
    }
    const Duration window =
        kept().state == State::processing ? policy.progress_interval : policy.upload_interval_min;
    live().due = now.steady + (hinted ? Duration::zero() : fraction(window, event.jitter));
  }
  if ((acts & (kNow | kIntend)) != 0) {
    Cause cause = live().asked_because;
    if (is_operator(event.trigger)) cause = Cause::operator_;
    if (event.trigger == Trigger::submitted) cause = Cause::poll;
    bring_forward(now.steady, cause);
  }
  if (is_call_result(event.trigger) && live().ask_again) {
    live().ask_again = false;
    const bool told = live().ask_again_because == Cause::operator_;
    bring_forward(told ? now.steady : spaced(), live().ask_again_because);
  }
}

/// When a hint may have its question: now, but a second after the last one, and not before BankConnect's
/// patience ends. Where hints come in a stream, one joins a planned question that follows close behind.
Steady Stepping::spaced() const {
  const Live& live = decision.next.live;
  const Steady after = live.asked_at == kNoSteady ? now.steady : live.asked_at + policy.hint_spacing;
  const Steady soon = std::max({now.steady, after, live.not_before});
  const bool stream = soon > now.steady || live.asked_for_hint;
  const bool crowds = stream && live.due >= soon && live.due - soon < policy.hint_spacing;
  return crowds ? live.due : soon;
}

/// Never delays a planned question. While a call is in flight, the wish is remembered until it is answered.
void Stepping::bring_forward(Steady due, Cause cause) {
  const bool told = cause == Cause::operator_;
  if (live().in_flight) {
    if (!live().ask_again || told) live().ask_again_because = cause;
    live().ask_again = true;
    return;
  }
  const bool sooner = due < live().due;
  if (sooner) live().planned = cause == Cause::hint ? std::min(live().planned, live().due) : kNever;
  if (sooner || told) live().asked_because = cause;
  live().due = std::min(live().due, due);
}

/// A question that a hint alone caused, and that changed nothing, leaves no trace in the plan.
bool Stepping::keeps_the_plan() const {
  const bool changed = decision.persist.transition.has_value() || decision.persist.accounts;
  return planned != kNever && decision.next.live.asked_because == Cause::hint && !changed;
}

void Stepping::pace_upload() {
  const bool changed = decision.persist.transition.has_value() || decision.persist.accounts;
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  if (keeps_the_plan()) {
    live().due = std::max(planned, now.steady);
  } else {
    live().interval = next_upload_interval(policy, live().interval, changed);
    live().due = upload_due(from);
  }
  // BankConnect's answer may lag behind its webhook.
  if (hint_fresh(policy, live().hinted_at, now.steady))
    live().due = std::min(live().due, std::max(from + policy.upload_interval_min, now.steady));
  live().asked_because = Cause::poll;
}

/// One interval after `from`, or earlier where the expiry timestamp or `processing.settle` wants it.
Steady Stepping::upload_due(Steady from) {
  Steady due = std::max(from + live().interval, now.steady);
  if (kept().expires_at != kNoWall && kept().expires_at > now.wall && kept().state != State::expired) {
    due = std::min(due, now.steady + (kept().expires_at - now.wall) + policy.after_expiry);
  }
  if (settling(decision.next, now, policy)) due = std::min(due, live().state_since + policy.settle);
  return due;
}

void Stepping::pace_progress() {
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  // Processing that was asked for earlier may have ended already, and its webhook gone by.
  const bool asked_for_earlier = event.trigger == Trigger::duplicate;
  const Duration interval =
      asked_for_earlier ? policy.progress_interval : progress_interval(policy, kept().stalled);
  live().due = std::max(keeps_the_plan() ? planned : from + interval, now.steady);
  if (hint_fresh(policy, live().hinted_at, now.steady))
    live().due = std::min(live().due, std::max(from + policy.progress_interval, now.steady));
  live().asked_because = Cause::poll;
}

/// The channel's health changed: a waiting session's next poll moves to where it would be, had it always been
/// so. Questions that something else wanted (a hint, an operator, a fault) stay where they are.
void Stepping::replan() {
  const bool polls = live().next_call == Call::progress || live().next_call == Call::upload_status;
  if (live().in_flight || live().attempts > 0 || live().asked_because != Cause::poll || !polls ||
      live().asked_at == kNoSteady) {
    return;
  }
  const Steady from = live().asked_at;
  const Steady was_due = live().due;
  Duration interval = progress_interval(policy, kept().stalled);
  const bool relaxed = policy.webhook_health == WebhookHealth::healthy;
  if (live().next_call == Call::upload_status) {
    live().interval =
        relaxed ? std::max(live().interval, upload_interval_min(policy))
                : std::min(live().interval, upload_interval_at_age(policy, now.steady - live().state_since));
    interval = live().interval;
  }
  Steady due = live().next_call == Call::upload_status ? upload_due(from) : from + interval;
  // Whoever is late already is asked within one interval, spread out.
  if (due <= now.steady) due = now.steady + fraction(interval, event.jitter);
  if (hint_fresh(policy, live().hinted_at, now.steady)) {
    const bool progress = live().next_call == Call::progress;
    due = std::min(due, from + (progress ? policy.progress_interval : policy.upload_interval_min));
  }
  live().due = std::max(relaxed ? due : std::min(due, was_due), now.steady);
}

void Stepping::back_off() {
  live().failed_call = event.call;
  if (live().attempts < UINT16_MAX) ++live().attempts;
  // It comes back slowly, so as not to pause the others again.
  const bool alone = event.trigger == Trigger::account_refused && event.refused_alone;
  const Duration patience = alone ? policy.refused_interval : Duration::zero();
  const Duration wait =
      std::max({backoff(policy, live().attempts, event.jitter), event.retry_after, patience});
  // Trouble is no reason to ask more often than when all is well. A refusal that is counted is not asked for
  // again sooner because of a hint.
  Duration floor = Duration::zero();
  const bool hinted = kept().hinted_at != kNoWall;
  const bool counted = event.trigger == Trigger::refused;
  if (hinted && !counted) {
    floor = policy.hint_spacing;
  } else if (kept().state == State::processing && live().next_call == Call::progress) {
    floor = progress_interval(policy, kept().stalled);
  } else if (kept().state == State::no_uploads || kept().state == State::in_progress) {
    floor = upload_interval_min(policy);
  }
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  live().due = std::max(now.steady + wait, from + floor);
  live().not_before = counted ? live().due : now.steady + event.retry_after;
  if (keeps_the_plan()) {
    live().due = std::max({std::min(live().due, planned), live().not_before, now.steady});
    if (live().due < planned) live().planned = planned;
  }
  live().asked_because = hinted ? Cause::hint : Cause::poll;
}

}  // namespace bankconnect
