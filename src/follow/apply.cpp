// Carrying out a decision: first the commit, then the effects.
#include <utility>

#include "src/follow/session_follower.hpp"
#include "statemachine/require.hpp"

namespace bankconnect::follow {

Event SessionFollower::event_of(Trigger trigger) {
  Event event;
  event.trigger = trigger;
  event.jitter = static_cast<std::uint32_t>(random_());
  return event;
}

Decision SessionFollower::decide(const Session& session, const Event& event) const {
  return step(session, event, dependencies_.clock.now(), policy_, conditions_);  // PLANT: step
}

/// Steps the session and starts what the decision asks for; `done` comes when that is durable. False when the
/// event has no place in the session's state; then `done` is not called.
bool SessionFollower::apply(Slot slot, const Event& event, AnswerContent content, const CommandDone& done) {
  Tracked& tracked = sessions_[slot];
  const Decision decision = decide(tracked.session, event);
  if (decision.row == nullptr && !is_call_result(event.trigger)) return false;

  const SessionId id = tracked.session.id;
  const Steady due = tracked.session.in_memory.due;
  schedule_.remove(slot);
  tracked.session = decision.next;
  report_anomalies(id, decision);
  content.reports = track_reports(decision, event, content.report_links);
  if (decision.set_aside) {
    // A copy: the memory that the upstream client counts for the original would keep the next fetch waiting.
    if (content.payload) content.payload = std::make_shared<const Payload>(*content.payload);
    set_aside_[id] = std::exchange(content, {});
  } else if (decision.next.in_memory.next_call == Call::session_status) {
    set_aside_.erase(id);  // it is fetched anew
  }
  // A command that changes nothing is written, too: it may rest on one that is not committed, and its answer
  // shows the session as it is then, not what a later command made of it.
  const bool commanded = done && event.trigger != Trigger::poll;  // PLANT: commanded
  if (decision.persist.empty() && !commanded) {
    const Committed nothing = Committed::nothing_to_persist(decision.persist);
    perform(slot, decision.after_commit.actions(nothing), due);
    if (done) done(std::optional<SessionRecord>());
  } else {
    ++tracked.commits;  // PLANT: commit-counted
    ++committing_;
    dependencies_.store.write(write_of(tracked, decision, event, std::move(content)),
                              [this, id, handle = handle_of(slot), due, after = decision.after_commit, done](
                                  Committed proof, Written written) {
                                committed(id, handle, due, after, proof, std::move(written), done);
                              });
    sessions_.update_phase(slot);
  }
  if (decision.discovery) {
    webhook_watch_.discovered(id, *decision.discovery, dependencies_.clock.now().steady);
    update_webhook_health();
  }
  return true;
}

void SessionFollower::report_anomalies(const SessionId& id, const Decision& decision) {
  for (const Anomaly anomaly : kAllAnomalies) {
    if ((decision.anomalies & anomaly) == 0) continue;
    const auto rules_say = anomaly == kContradictsRules ? decision.rules_say : std::nullopt;
    dependencies_.observer.anomaly(id, anomaly, rules_say);
  }
}

SessionWrite SessionFollower::write_of(const Tracked& tracked, const Decision& decision, const Event& event,
                                       AnswerContent content) {
  SessionWrite write;
  write.id = tracked.session.id;
  write.durable = tracked.session.durable;
  write.intent = decision.persist.intent;
  write.by_command = is_command(event.trigger);
  if (tracked.last_error) write.last_error = *tracked.last_error;
  if (decision.persist.evidence) write.evidence = evidence_of(event, content);
  if (decision.persist.set_aside) {
    AnswerContent& before = set_aside_.at(write.id);
    write.session_status = std::move(before.payload);
    content.accounts = std::move(before.accounts);
  }
  if (decision.persist.accounts) {
    write.accounts = std::move(content.accounts);
    write.accounts_from = decision.persist.set_aside ? Call::session_status : event.call;
  }
  if (decision.persist.payload) {
    require(content.payload != nullptr, "a payload to be stored came with its answer");
    write.payload(event.call) = std::move(content.payload);
  }
  if (write.durable.after_end != AfterEnd::refresh) set_aside_.erase(write.id);
  write.reports = std::move(content.reports);
  write.transition = decision.persist.transition;
  const bool refresh_refused =
      decision.persist.transition && decision.persist.transition->trigger == Trigger::refresh_refused;
  if ((write.durable.reason == Reason::refused || refresh_refused) && tracked.last_error)
    write.reason_code = tracked.last_error->code;
  return write;
}

/// What the session's `why` rests on from here on; without a field when it rests on nothing, as a submission
/// does.
Evidence SessionFollower::evidence_of(const Event& event, AnswerContent& content) const {
  Evidence evidence;
  evidence.at = dependencies_.clock.now().wall;
  if (is_command(event.trigger)) {
    evidence.field = "command";
    evidence.value = to_string(event.trigger);
  } else if (is_call_result(event.trigger)) {
    evidence.call = event.call;
    evidence.field = content.field;
    evidence.value = std::move(content.value);
    evidence.statement = std::move(content.statement);
  }
  return evidence;
}

void SessionFollower::committed(const SessionId& id, SlotHandle handle, Steady due, const AfterCommit& after,
                                Committed proof, Written written, const CommandDone& done) {
  --committing_;
  if (written.event) dependencies_.observer.transitioned(*written.event);
  const bool erased = !written.record;
  if (current(handle)) {
    --sessions_[handle.slot].commits;  // PLANT: commit-counted-down
    if (erased) {
      // On disk, although the erasure's own answer is still to come. No call may rest on a row that is gone.
      remove(handle.slot);
    } else {
      dependencies_.observer.stored(*written.record);
      perform(handle.slot, after.actions(proof), due);
    }
  }
  if (done) {
    if (erased) {
      done(not_followed(id));
    } else {
      done(std::move(written.record));
    }
  }
  run();
}

void SessionFollower::perform(Slot slot, const Actions& actions, Steady due) {
  if (actions.ask) {
    ask(slot, *actions.ask, due);
  } else {
    reschedule(slot);
  }
}

/// A waiting session goes into the schedule, or out of memory once it is final.
void SessionFollower::reschedule(Slot slot) {
  const Phase phase = sessions_.update_phase(slot);
  if (phase != Phase::waiting) {
    schedule_.remove(slot);
    return;
  }
  const Session& session = sessions_[slot].session;
  if (!has_calls(session.durable)) {
    remove(slot);
    return;
  }
  schedule_.put(slot, turn_of(slot, dependencies_.clock.now()), session.in_memory.due);
}

void SessionFollower::remove(Slot slot) {
  schedule_.remove(slot);
  set_aside_.erase(sessions_[slot].session.id);
  report_fetches_.end(sessions_[slot].session.id);
  sessions_.remove(slot);
  sessions_.update_phase(slot);
}

}  // namespace bankconnect::follow
