// How sessions come in, are commanded, and go.
#include <algorithm>

#include "src/follow/follower_impl.hpp"

namespace bankconnect {
namespace {

Trigger trigger_of(Command command) {
  switch (command) {
    case Command::process: return Trigger::process;
    case Command::hold: return Trigger::hold;
    case Command::release: return Trigger::release;
    case Command::poll: return Trigger::poll;
    case Command::retry: return Trigger::retry;
  }
  return Trigger::poll;
}

Error not_followed(const SessionId& id) {
  return {"SESSION_NOT_FOLLOWED", "session " + id.text() + " is not followed here"};
}

Error wrong_state(Command command, const Session& session) {
  const bool initiating = session.live.in_flight && session.live.next_call == Call::initiate;
  const char* const more = session.kept.final ? " (final)" : initiating ? " while initiate is under way" : "";
  return {"WRONG_STATE", std::string(name(command)) + " is not possible in state " +
                             std::string(name(session.kept.state)) + more};
}

}  // namespace

Follower::Impl::Impl(const Policy& policy, const FollowLimits& limits, World world, std::uint64_t seed)
    : policy_(policy),
      limits_(limits),
      world_(world),
      random_(seed),
      sessions_(seed ^ 0x9e3779b97f4a7c15ULL),
      gate_(limits.max_requests_per_second),
      channel_(policy.webhook_health != WebhookHealth::off, policy.webhook_grace),
      unannounced_(policy.webhook_grace, seed ^ 0x94d049bb133111ebULL) {
  policy_.webhook_health = channel_.health();
}

void Follower::Impl::restore(const SessionRecord& record) {
  if (record.kept.final || sessions_.find(record.id)) return;
  const Slot slot = sessions_.add(restored_session(record.id, record.kept, world_.clock.now()));
  if (record.last_error) sessions_[slot].last_error = std::make_unique<LastError>(*record.last_error);
  const bool taken = apply(slot, event_of(Trigger::recovered), {}, nullptr);
  require(taken, "a live session can be recovered");
}

void Follower::Impl::submit(const std::vector<Submission>& batch,
                            std::function<void(Result<std::vector<Submitted>>)> done) {
  const Moment now = world_.clock.now();
  std::vector<NewSession> fresh;
  std::vector<Session> stepped;
  fresh.reserve(batch.size());
  stepped.reserve(batch.size());
  for (const Submission& submission : batch) {
    const Decision decision =
        step(new_session(submission.id, submission.hold, now), event_of(Trigger::submitted), now, policy_);
    fresh.push_back({submission.id, submission.reference, decision.next.kept, *decision.persist.transition});
    stepped.push_back(decision.next);
  }
  ++committing_;
  const std::uint64_t operation = ++operation_;
  world_.store.submit(fresh, [this, operation, stepped = std::move(stepped),
                              done = std::move(done)](Result<std::vector<Submitted>> result) {
    --committing_;
    if (result.has_value()) {
      for (std::size_t i = 0; i < stepped.size(); ++i) {
        const Submitted& outcome = (*result)[i];
        if (!outcome.accepted) continue;
        world_.observer.transitioned(outcome.event);
        world_.observer.changed(stepped[i].id);
        if (erased_since(stepped[i].id, operation)) continue;
        forget_erased(stepped[i].id);
        if (sessions_.find(stepped[i].id)) continue;
        const bool hinted = outcome.hinted_at != kNoWall;
        settle(sessions_.add(hinted ? hinted_before(stepped[i], outcome.hinted_at, world_.clock.now())
                                    : stepped[i]));
      }
    }
    done(std::move(result));
    run();
  });
}

/// Operators are told at once when the disk is full, like everybody who asks for something: a command that
/// waited for room would change a session when nobody expects it any longer.
void Follower::Impl::command(const SessionId& id, Command command, const Reply& done) {
  const auto slot = sessions_.find(id);
  // A hold that comes while the intent to initiate is being committed is in time.
  const bool in_time = slot && sessions_[*slot].commits > 0 && !world_.store.full();
  const bool keeps_nothing = command == Command::poll;
  if (in_time || keeps_nothing) return carry_out(id, command, done);
  ++committing_;
  world_.store.ask_for_room([this, id, command, done](const Result<void>& room) {
    --committing_;
    if (room.has_error()) return done(room.error());
    carry_out(id, command, done);
  });
}

void Follower::Impl::carry_out(const SessionId& id, Command command, const Reply& done) {
  if (const auto slot = sessions_.find(id); slot && !sessions_[*slot].erasing) {
    command_in_memory(*slot, command, done);
    return;
  }
  const std::uint64_t operation = ++operation_;
  world_.store.load(id, [this, id, command, operation, done](Result<std::optional<SessionRecord>> loaded) {
    if (erased_since(id, operation)) return done(not_followed(id));
    if (loaded.has_error()) return done(loaded.error());
    // It may have come back to memory while it was read.
    const auto followed = sessions_.find(id);
    if (followed && !sessions_[*followed].erasing) return command_in_memory(*followed, command, done);
    if (followed || !*loaded) return done(not_followed(id));
    const SessionRecord& record = **loaded;
    const Slot slot = sessions_.add(restored_session(id, record.kept, world_.clock.now()));
    if (record.last_error) sessions_[slot].last_error = std::make_unique<LastError>(*record.last_error);
    command_in_memory(slot, command, done);
    if (const auto still = sessions_.find(id)) settle(*still);
  });
}

void Follower::Impl::command_in_memory(Slot slot, Command command, const Reply& done) {
  const Error refusal = wrong_state(command, sessions_[slot].session);
  if (!apply(slot, event_of(trigger_of(command)), {}, done)) done(refusal);
  run();
}

void Follower::Impl::forget(const SessionId& id) {
  unannounced_.forget(id);
  const auto slot = sessions_.find(id);
  if (!slot) return;
  if (sessions_[*slot].session.live.in_flight) lingering_.insert(id.text());
  leave_queues(*slot);
  sessions_.drop(*slot);
}

/// A session that is accepted anew was erased before on disk, though the last of its bytes may still wait to
/// be. What is in memory is the one that was.
void Follower::Impl::forget_erased(const SessionId& id) {
  if (const auto slot = sessions_.find(id); slot && sessions_[*slot].erasing) forget(id);
}

void Follower::Impl::erase(const SessionId& id, Reply done) {
  std::optional<Ticket> tenant;
  if (const auto slot = sessions_.find(id)) {
    leave_queues(*slot);
    sessions_[*slot].erasing = true;
    tenant = ticket(*slot);
  }
  ++committing_;
  const std::uint64_t operation = ++operation_;
  erasing_[id.text()] = operation;
  world_.store.erase(
      id, [this, id, operation, tenant, done = std::move(done)](Result<std::optional<State>> erased) {
        --committing_;
        const bool last = !erased_since(id, operation);
        if (last) erasing_.erase(id.text());
        if (erased.has_error()) {
          if (last) follow_on(id);
          return done(erased.error());
        }
        const bool handed_in_anew = sessions_.find(id) && !(tenant && current(*tenant));
        if (!handed_in_anew) forget(id);
        if (!*erased) return done(not_followed(id));
        world_.observer.erased(id, **erased);
        done({});
      });
}

/// Whether an erasure of the session was asked for after this operation, and has not ended yet.
bool Follower::Impl::erased_since(const SessionId& id, std::uint64_t operation) const {
  const auto erasure = erasing_.find(id.text());
  return erasure != erasing_.end() && erasure->second > operation;
}

/// The session could not be erased, so it is still followed.
void Follower::Impl::follow_on(const SessionId& id) {
  if (const auto slot = sessions_.find(id)) {
    sessions_[*slot].erasing = false;
    settle(*slot);
    arm();
    return;
  }
  // It was stored when its erasure was under way already, and was not taken into memory for that.
  const std::uint64_t operation = ++operation_;
  world_.store.load(id, [this, id, operation](const Result<std::optional<SessionRecord>>& loaded) {
    if (loaded.has_error() || !*loaded || erased_since(id, operation)) return;
    restore(**loaded);
    run();
  });
}

void Follower::Impl::fill_in(SessionRecord& record) const {
  const auto slot = sessions_.find(record.id);
  if (!slot) return;
  const Tracked& tracked = sessions_[*slot];
  const Moment now = world_.clock.now();
  const Live& live = tracked.session.live;
  record.attempts = live.attempts;
  if (tracked.last_error) {
    record.last_error = *tracked.last_error;
  } else {
    record.last_error.reset();
  }
  const Steady due = live.in_flight ? now.steady : live.due;
  if (due != kNever) record.next_poll_at = now.wall + (due - now.steady);
}

Followed Follower::Impl::followed() const {
  Followed followed{sessions_.size(),  in_flight_,       committing_, breaker_.condition(),
                    channel_.health(), webhooks_missed_, {}};
  const Steady now = world_.clock.now().steady;
  if (gate_.held_until() > now) followed.held_for = gate_.held_until() - now;
  return followed;
}

}  // namespace bankconnect
