// Persist, then do: how the follower carries out a decision.
#include "src/follow/follower_impl.hpp"

namespace bankconnect {

Event Follower::Impl::event_of(Trigger trigger) {
  Event event;
  event.trigger = trigger;
  event.jitter = static_cast<std::uint32_t>(random_());
  return event;
}

/// Steps the session and starts what the decision asks for. False when the event has no place in the
/// session's state; the reply then is the caller's business.
bool Follower::Impl::apply(Slot slot, const Event& event, Luggage luggage, const Reply& reply) {
  Tracked& tracked = sessions_[slot];
  const Decision decision = step(tracked.session, event, world_.clock.now(), policy_);
  if (decision.row == nullptr && !is_call_result(event.trigger)) return false;

  leave_queues(slot);
  tracked.session = decision.next;
  for (std::uint8_t bit = 1; bit <= kContradictsRules; bit = static_cast<std::uint8_t>(bit << 1)) {
    if ((decision.anomalies & bit) == 0) continue;
    const auto anomaly = static_cast<Anomaly>(bit);
    world_.observer.anomaly(tracked.session.id, anomaly,
                            anomaly == kContradictsRules ? decision.rules_say : std::nullopt);
  }
  const SessionId id = tracked.session.id;
  if (decision.persist.empty()) {
    obey(slot, decision.after_commit.actions(Committed::nothing_to_persist(decision.persist)));
    if (reply) reply({});
    if (decision.found) found(id, *decision.found);
    return true;
  }
  ++tracked.commits;
  ++committing_;
  world_.store.write(write_of(tracked, decision, event, std::move(luggage)),
                     [this, t = ticket(slot), after = decision.after_commit, reply](
                         Committed proof, const std::optional<EventRecord>& recorded) {
                       committed(t, after, proof, recorded, reply);
                     });
  if (decision.found) found(id, *decision.found);
  return true;
}

SessionWrite Follower::Impl::write_of(const Tracked& tracked, const Decision& decision, const Event& event,
                                      Luggage luggage) const {
  SessionWrite write;
  write.id = tracked.session.id;
  write.kept = tracked.session.kept;
  if (tracked.last_error) write.last_error = *tracked.last_error;
  if (decision.persist.accounts) write.accounts = std::move(luggage.accounts);
  if (decision.persist.payload) {
    require(luggage.payload != nullptr, "a payload to keep came with its answer");
    write.payload = std::move(luggage.payload);
    write.payload_kind = event.call;
  }
  write.transition = decision.persist.transition;
  if (write.kept.reason == Reason::refused && tracked.last_error)
    write.reason_code = tracked.last_error->code;
  return write;
}

void Follower::Impl::committed(Ticket t, const AfterCommit& after, Committed proof,
                               const std::optional<EventRecord>& event, const Reply& reply) {
  --committing_;
  if (event) world_.observer.transitioned(*event);
  if (current(t)) {
    --sessions_[t.slot].commits;
    world_.observer.changed(sessions_[t.slot].session.id);
    obey(t.slot, after.actions(proof));
  }
  if (reply) reply({});
  run();
}

void Follower::Impl::obey(Slot slot, const Actions& actions) {
  if (actions.ask) {
    ask(slot, *actions.ask);
  } else {
    settle(slot);
  }
}

/// Puts the session where it belongs now: out of memory once final, else into the queue for its due time.
void Follower::Impl::settle(Slot slot) {
  const Tracked& tracked = sessions_[slot];
  if (tracked.commits > 0 || tracked.session.live.in_flight || tracked.erasing) return;
  if (tracked.session.kept.final) {
    sessions_.drop(slot);
    return;
  }
  queue_of(tracked.session, world_.clock.now()).put(slot, tracked.session.live.due);
}

}  // namespace bankconnect
