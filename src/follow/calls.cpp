// Which call leaves next, and what becomes of the answers.
#include <algorithm>

#include "src/follow/session_follower.hpp"
#include "statemachine/require.hpp"

namespace bankconnect::follow {

Turn SessionFollower::turn_of(Slot slot, Moment now) const {
  return follow::turn_of(sessions_[slot].session, sessions_[slot].slow, now, policy_);
}

void SessionFollower::run() {
  report_missing_webhooks(dependencies_.clock.now());
  if (!stopped_) fetch_reports();
  while (!stopped_) {
    const Moment now = dependencies_.clock.now();
    if (!outgoing_.may_send(now.steady)) break;
    const auto slot = schedule_.next(now.steady, open_turns(), !outgoing_.flowing(),
                                     [this, now](Slot waiting) { return turn_of(waiting, now); });
    if (!slot) break;
    if (waits_for_memory(*slot)) continue;
    const bool taken = apply(*slot, event_of(Trigger::due), {}, nullptr);
    require(taken, "every live session can be asked about");
  }
  arm();
}

OpenTurns SessionFollower::open_turns() const {
  OpenTurns open = outgoing_.open_turns();
  open[Turn::fetch] = open[Turn::fetch] && dependencies_.upstream.has_memory();
  return open;
}

/// A fetch that may not leave now goes into a queue of its own, so that it holds neither a place nor the
/// others.
bool SessionFollower::waits_for_memory(Slot slot) {
  const Volatile& memory = sessions_[slot].session.in_memory;
  if (!is_fetch(memory.next_call) || (outgoing_.may_fetch() && dependencies_.upstream.has_memory()))
    return false;
  schedule_.put(slot, Turn::fetch, memory.due);
  return true;
}

/// Memory is free again when a payload is on disk and gone, which nothing announces: it is looked for.
void SessionFollower::arm() {
  constexpr Duration kLookForMemory = std::chrono::milliseconds(50);
  const Moment now = dependencies_.clock.now();
  Steady due = schedule_.next_due(open_turns());
  if (schedule_.waits(Turn::fetch) && outgoing_.may_fetch()) due = std::min(due, now.steady + kLookForMemory);
  const Steady call = std::max(due, outgoing_.open_at(now.steady));
  const Steady others = std::min(webhook_watch_.next_expiry(), report_fetches_.next_time());
  dependencies_.alarm.set(stopped_ ? kNever : std::min(call, others));
}

void SessionFollower::ask(Slot slot, Call call, Steady due) {
  const Moment now = dependencies_.clock.now();
  Tracked& tracked = sessions_[slot];
  const bool doubted = tracked.session.durable.doubted_since != kNoElapsed;
  Question question{tracked.session.id, call, due, kNoLimit, doubted};
  if (call == Call::insights) question.report_formats = options_.report_formats;
  if (call == Call::initiate) {
    const Elapsed evidence_at = tracked.session.in_memory.evidence_at;
    question.not_after = evidence_at + policy_.evidence_max_age;  // PLANT: not-after
  }
  const Departure departure = outgoing_.sent(turn_of(slot, now), call, now.steady);
  question.time_limit = departure.time_limit;
  if (departure.probe) schedule_.probed();  // PLANT: probes-alternate
  tracked.call_in_flight = true;
  sessions_.update_phase(slot);
  dependencies_.observer.asked(question, now.steady - due);
  dependencies_.upstream.ask(question, [this, handle = handle_of(slot), question, departure](Answer answer) {
    answered(handle, question, departure, std::move(answer));
  });
}

void SessionFollower::answered(SlotHandle handle, const Question& question, const Departure& departure,
                               Answer answer) {
  const Moment now = dependencies_.clock.now();
  dependencies_.observer.answered(question, answer);
  if (answer.event.trigger == Trigger::slow_down) {
    outgoing_.slow_down(now.steady, answer.event.retry_after);
  } else if (answer.http_status != 0) {
    outgoing_.speed_up();
  }
  const Verdict verdict = judge(handle, answer);
  const std::string_view code = answer.error ? std::string_view(answer.error->code) : std::string_view();
  const Ended ended =
      outgoing_.ended(departure, question.call, answer.http_status != 0, verdict.outcome, code, now);
  report_condition();

  sessions_[handle.slot].call_in_flight = false;
  if (current(handle)) {
    remember_error(sessions_[handle.slot], answer);
    sessions_[handle.slot].slow = !ended.in_time;
    Event event = answer.event;
    event.call = question.call;
    event.refused_alone = verdict.refused_alone;
    // A longer pause is kept by all calls together, so that a probe finds a session that is due.
    if (event.retry_after > RateGate::kLongestSilence) event.retry_after = RateGate::kProbeInterval;
    event.jitter = static_cast<std::uint32_t>(random_());
    if (refreshing(handle.slot) && event.trigger == Trigger::session_status_fetched && set_aside_full())
      event.trigger = Trigger::passing_fault;
    apply(handle.slot, event,
          {std::move(answer.accounts),
           std::move(answer.payload),
           answer.field,
           std::move(answer.value),
           std::move(answer.statement),
           std::move(answer.report_links),
           {}},
          nullptr);
    if (current(handle))
      sessions_.set_failing_long(handle.slot,
                                 sessions_[handle.slot].session.in_memory.attempts >= kFailingLong);
  } else {
    reschedule(handle.slot);  // of the session that has the id now, if there is one
  }
  if (ended.flows_again) reschedule_after_outage();
  run();
}

bool SessionFollower::refreshing(Slot slot) const {
  return sessions_[slot].session.durable.after_end == AfterEnd::refresh;
}

/// Session statuses of refreshes wait in memory for their insights. Beyond this they are fetched again later.
bool SessionFollower::set_aside_full() const {
  constexpr std::size_t kMost = 64UL << 20;
  constexpr std::size_t kLeast = 4096;  // what one costs besides its bytes
  std::size_t bytes = 0;
  for (const auto& [id, content] : set_aside_)
    bytes += kLeast + (content.payload ? content.payload->compressed.size() : 0);
  return bytes > kMost;
}

/// What the end of a call says about BankConnect as a whole. A session that is refused again while others are
/// served is refused for its own sake, and so is one whose answers arrive whole and cannot be used, again and
/// again: neither says anything about the others.
SessionFollower::Verdict SessionFollower::judge(SlotHandle handle, const Answer& answer) {
  const Trigger trigger = answer.event.trigger;
  Verdict verdict;
  verdict.outcome = trigger == Trigger::not_sent          ? CallOutcome::no_verdict
                    : trigger == Trigger::slow_down       ? CallOutcome::slow_down
                    : trigger == Trigger::account_refused ? CallOutcome::account_refused
                    : trigger == Trigger::passing_fault   ? CallOutcome::failed
                                                          : CallOutcome::served;
  if (!current(handle)) return verdict;
  Tracked& tracked = sessions_[handle.slot];
  const bool refused = trigger == Trigger::account_refused;
  const bool unusable =
      trigger == Trigger::passing_fault && answer.http_status >= 200 && answer.http_status < 300;
  const bool alone = (refused || unusable) && tracked.failed_alike && outgoing_.flowing();
  verdict.refused_alone = refused && alone;
  if (alone) verdict.outcome = CallOutcome::no_verdict;
  tracked.failed_alike = refused || unusable;
  return verdict;
}

void SessionFollower::remember_error(Tracked& tracked, const Answer& answer) {
  if (answer.event.trigger == Trigger::not_sent) return;  // no call was made
  const std::string before = tracked.last_error ? tracked.last_error->code : "";
  tracked.last_error = answer.error ? std::make_unique<LastError>(*answer.error) : nullptr;
  const std::string after = tracked.last_error ? tracked.last_error->code : "";
  if (before != after) dependencies_.observer.changed(tracked.session.id);
}

void SessionFollower::report_condition() {
  if (outgoing_.condition() == reported_) return;
  reported_ = outgoing_.condition();
  dependencies_.observer.upstream_condition(reported_);
}

void SessionFollower::reschedule_after_outage() {
  sessions_.for_each([this](Slot slot, const Tracked& tracked) {
    if (tracked.phase() == Phase::waiting && tracked.session.in_memory.attempts > 0)
      apply(slot, event_of(Trigger::upstream_back), {}, nullptr);
  });
}

void SessionFollower::retry_upstream() {
  if (!outgoing_.flowing()) {
    outgoing_.probe_now(dependencies_.clock.now());
    if (const auto slot = schedule_.any()) apply(*slot, event_of(Trigger::probe), {}, nullptr);
  }
  run();
}

}  // namespace bankconnect::follow
