#include "statemachine/machine.hpp"

#include <utility>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"
#include "statemachine/require.hpp"
#include "statemachine/stepping.hpp"

namespace bankconnect {

Committed Committed::nothing_to_persist(const Persist& persist) {
  require(persist.empty(), "effects were released before their commit");
  return Committed{};
}

namespace {

State state_of(Target to, const Durable& durable) {
  switch (to) {
    case Target::stay: return durable.state;
    case Target::no_uploads: return State::no_uploads;
    case Target::in_progress: return State::in_progress;
    case Target::completed: return State::completed;
    case Target::expired: return State::expired;
    case Target::processing: return State::processing;
    case Target::enriched: return State::enriched;
    case Target::failed: return State::failed;
    case Target::where_it_failed: return durable.failed_from;
  }
  return durable.state;
}

Why why_ended(const Session& s) {
  return s.durable.statements > 0 ? Why::expired_not_processed : Why::expired_without_statements;
}

Why why_waiting(const Session& s, Moment now, const Policy& policy, Conditions conditions) {
  const bool expired = s.durable.state == State::expired;
  if (s.durable.hold) return expired ? Why::expired_held : Why::held;
  if (conditions.initiate_paused) return expired ? Why::expired_awaiting_resume : Why::awaiting_resume;
  if (!may_initiate(s, policy, conditions))
    return expired ? Why::expired_awaiting_operator : Why::awaiting_operator;
  if (expired) return Why::expired;
  return settling(s, now, policy) ? Why::settling : Why::completed;
}

}  // namespace

const Row* Stepping::first_fitting_row() {
  const Source from = position(before);
  for (const Row& row : table()) {
    if ((row.from & from) != 0 && row.trigger == event.trigger &&
        holds(row.guard, decision.next, event, now, policy, conditions)) {
      return &row;
    }
  }
  return nullptr;
}

void Stepping::record(Anomaly anomaly) {
  if (anomaly == kNoAnomaly || (durable().anomalies & anomaly) != 0) return;
  durable().anomalies = static_cast<std::uint16_t>(durable().anomalies | anomaly);
  decision.anomalies = static_cast<std::uint16_t>(decision.anomalies | anomaly);
}

void Stepping::take(const Row& row) {
  decision.row = &row;
  record(row.anomaly);
  if ((row.marks & kReopen) != 0) reopen();
  apply_marks(row.marks);
  apply_after_end(row.marks);
  await_reports(row.marks);
  const State was = durable().state;
  move_to(state_of(row.to, durable()), row);
  record_discovery(was);
  explain(row);
  choose_next_call(row.next);
  plan(row.when);
}

void Stepping::explain(const Row& row) {
  switch (row.why_is) {
    case WhyIs::unchanged: break;
    case WhyIs::given:
      durable().why =
          row.why == Why::requested_elsewhere && durable().restored ? Why::requested_by_unknown : row.why;
      break;
    case WhyIs::waiting: durable().why = why_waiting(decision.next, now, policy, conditions); break;
    case WhyIs::ended: durable().why = why_ended(decision.next); break;
    case WhyIs::enriched: durable().why = durable().enriched_as; break;
  }
}

void Stepping::record_discovery(State was) {
  std::optional<Notification> kind;
  if (event.trigger == Trigger::progress_finished && !in_memory().enrichment_found)
    kind = Notification::enrichment;
  if (durable().state != was && event.trigger == Trigger::upload_completed) kind = Notification::completion;
  if (durable().state != was && event.trigger == Trigger::upload_expired) kind = Notification::expiry;
  if (!kind) return;
  in_memory().enrichment_found = *kind == Notification::enrichment;
  const bool hinted =
      before.durable.hinted_at != kNoWall || hint_fresh(policy, before.in_memory.hinted_at, now.steady);
  const bool announced = hinted && (before.in_memory.hinted & bit(*kind)) != 0;
  if (announced || before.in_memory.observed) decision.discovery = Discovery{*kind, announced};
  in_memory().hinted = static_cast<NotificationSet>(in_memory().hinted & ~bit(*kind));
  if (in_memory().hinted == 0) in_memory().hinted_at = kNoSteady;
}

/// The only place where a session's state changes.
void Stepping::move_to(State state, const Row& row) {
  const bool was_final = durable().final;
  const bool stays_final = was_final && row.to == Target::stay;
  durable().final = stays_final || (row.marks & kFinal) != 0;
  const bool moved = durable().state != state;
  if (!moved && durable().final == was_final && !in_memory().is_new) return;

  durable().final_at = durable().final ? now.elapsed : kNoElapsed;
  if (state == State::failed) {
    durable().failed_from = durable().state;
    durable().reason = row.reason;
  }
  if (state == State::enriched) {
    const bool without_all = row.why_is == WhyIs::enriched && durable().enriched_as != Why::enriched;
    const bool partial = without_all || (row.marks & kPartial) != 0;
    durable().outcome = partial ? Outcome::partial : Outcome::complete;
  }
  if (state == State::in_progress || state == State::no_uploads) durable().process_wanted = false;
  if (moved) {
    if (state != State::failed) clear_not_found();
    in_memory().attempts = 0;
    in_memory().refusals.count = 0;
    end_doubt();  // one kind of end does not confirm another
    durable().since = now.wall;
    durable().state_since = now.elapsed;
    durable().stalled = false;
  }
  decision.persist.transition = transition_to(state);
  durable().state = state;
  in_memory().is_new = false;
}

Transition Stepping::transition_to(State state) const {
  const Session& session = decision.next;
  Transition transition;
  if (!session.in_memory.is_new) transition.from = session.durable.state;
  transition.to = state;
  transition.cause = is_command(event.trigger) ? Cause::command : session.in_memory.asked_because;
  transition.trigger = event.trigger;
  transition.final = session.durable.final;
  transition.outcome = session.durable.outcome;
  transition.reason = session.durable.reason;
  transition.at = now.wall;
  return transition;
}

void Stepping::apply_marks(std::uint32_t marks) {
  const auto marked = [marks](Mark mark) { return (marks & mark) != 0; };
  if (marked(kNotFound) && durable().not_found_since == kNoElapsed) {
    in_memory().not_found_call = event.call;
    durable().not_found_since = now.elapsed;
  }
  if (marked(kRefusal)) in_memory().refusals.add(event.call);
  if (marked(kEmptyFetch) && in_memory().empty_fetches < UINT8_MAX) ++in_memory().empty_fetches;
  if (marked(kReinitiate)) {
    if (durable().reinitiates < UINT8_MAX) ++durable().reinitiates;
    in_memory().repeat_attempt = true;
  }
  if (marked(kStalled)) durable().stalled = true;
  if (marked(kHold)) {
    durable().hold = true;
    durable().process_wanted = false;
    clear_not_found();
    in_memory().attempts = 0;
    if (in_memory().next_call == Call::initiate) in_memory().next_call = Call::upload_status;
  }
  if (marked(kRelease)) durable().hold = false;
  if (marked(kWantProcess)) durable().process_wanted = true;
  if (marked(kIntend)) {
    decision.persist.intent = true;                                            // PLANT: intent-of-its-own
    if (durable().requested_at == kNoWall) durable().requested_at = now.wall;  // PLANT: intent
  }
  if (marked(kAccepted)) {
    durable().accepted_at = now.wall;
    // After a restore, "elsewhere" may have been this daemon before.
    durable().requested_elsewhere = marked(kElsewhere) && !durable().restored;
    durable().requester_unknown = marked(kElsewhere) && durable().restored;
  }
  if (marked(kPayload)) decision.persist.payload = true;
  if (marked(kHint)) {
    const bool others =
        durable().hinted_at != kNoWall || hint_fresh(policy, in_memory().hinted_at, now.steady);
    in_memory().hinted = static_cast<NotificationSet>((others ? in_memory().hinted : 0) | event.hinted);
    in_memory().hinted_at = now.steady;
    if (durable().hinted_at == kNoWall) durable().hinted_at = now.wall;  // PLANT: wake-up-stored
  }
}

void Stepping::choose_next_call(Next next) {
  Call& call = in_memory().next_call;
  switch (next) {
    case Next::same:
      if (is_call_result(event.trigger) && call == Call::initiate) call = Call::upload_status;
      break;
    case Next::upload_status: call = Call::upload_status; break;
    case Next::initiate: call = Call::initiate; break;
    case Next::progress: call = Call::progress; break;
    case Next::session_status: call = Call::session_status; break;
    case Next::insights: call = Call::insights; break;
    case Next::by_state: call = first_call(durable().state); break;
  }
}

void Stepping::ask() {
  const Call call = in_memory().next_call;
  require(!in_memory().in_flight, "two calls at once for a session");  // PLANT: one-call
  if (call == Call::initiate) {
    require(durable().requested_at != kNoWall, "initiate without a durable intent");  // PLANT: durable-intent
    require(!durable().hold, "initiate on a held session");  // PLANT: no-initiate-on-hold
    require(evidence_fresh(decision.next, now, policy), "initiate on stale evidence");
  }
  in_memory().in_flight = true;
  in_memory().asked_at = now.steady;
  in_memory().asked_for_hint = in_memory().asked_because == Cause::hint && in_memory().planned != kNever;
  in_memory().due = kNever;
  decision.after_commit.actions_.ask = call;
}

void Stepping::finish() {
  decision.persist.session =
      !(durable() == before.durable) || decision.persist.transition.has_value() || decision.persist.intent;
  const auto& transition = decision.persist.transition;
  const bool decided = transition && transition->trigger != Trigger::refresh_refused;
  // The `why` of a session that has its reports rests on the insights, as before.
  const bool by_reports =
      event.trigger == Trigger::reports_fetched || event.trigger == Trigger::reports_missing;
  decision.persist.evidence = (decided || durable().why != before.durable.why) && !by_reports;
}

Decision step(const Session& session, const Event& event, Moment now, const Policy& policy,
              Conditions conditions) {
  Decision unchanged;
  unchanged.next = session;
  Stepping stepping{unchanged, session, event, now, policy, conditions};
  if (is_call_result(event.trigger)) stepping.absorb_call_result();
  if (const Row* row = stepping.first_fitting_row()) {
    stepping.take(*row);
  } else if (is_call_result(event.trigger) && has_calls(session.durable)) {
    stepping.choose_next_call(Next::same);
    stepping.back_off();
  } else {
    stepping.decision.next = session;
    // The answer to a call that its session no longer needed.
    if (is_call_result(event.trigger)) stepping.in_memory().in_flight = false;
  }
  stepping.finish();
  return stepping.decision;
}

}  // namespace bankconnect
