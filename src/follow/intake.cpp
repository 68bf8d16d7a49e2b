// How sessions come into memory, and what operators do to them.
#include <algorithm>

#include "src/follow/session_follower.hpp"
#include "statemachine/require.hpp"

namespace bankconnect::follow {
namespace {

Trigger trigger_of(Command command) {
  switch (command) {
    case Command::process: return Trigger::process;
    case Command::hold: return Trigger::hold;
    case Command::release: return Trigger::release;
    case Command::poll: return Trigger::poll;
    case Command::retry: return Trigger::retry;
    case Command::refresh: return Trigger::refresh;
  }
  return Trigger::poll;
}

Error wrong_state(Command command, const Session& session) {
  const bool initiating = session.in_memory.in_flight && session.in_memory.next_call == Call::initiate;
  const char* const more = session.durable.final ? " (final)"
                           : initiating          ? " while initiate is under way"
                                                 : "";
  return {ErrorCode::wrong_state, std::string(to_string(command)) + " is not possible in state " +
                                      std::string(to_string(session.durable.state)) + more};
}

/// In other words than for an operator's command: a submission that was too late must not look like a
/// success.
Error hold_refusal(const Error& error) {
  if (error.code != ErrorCode::wrong_state) return error;
  return {ErrorCode::hold_too_late, "the session is followed already, and " + error.message};
}

}  // namespace

void SessionFollower::place_record(const SessionRecord& record, RequestNumber request) {
  const Slot slot = sessions_.slot_for(record.id);
  sessions_.place(slot, restored_session(record.id, record.durable), request);
  if (record.last_error) sessions_[slot].last_error = std::make_unique<LastError>(*record.last_error);
}

void SessionFollower::restore(const SessionRecord& record) {
  if (!has_calls(record.durable) || sessions_.find(record.id)) return;  // PLANT: restored
  place_record(record, 0);
  const bool taken = apply(*sessions_.find(record.id), event_of(Trigger::recovered), {}, nullptr);
  require(taken, "a live session can be recovered");
  restore_reports(record);
}

void SessionFollower::submit(const std::vector<Submission>& batch, Done<std::vector<Submitted>> done) {
  const Moment now = dependencies_.clock.now();
  std::vector<NewSession> rows;
  std::vector<Session> stepped;
  rows.reserve(batch.size());
  stepped.reserve(batch.size());
  Batch batch_with_holds;
  if (std::ranges::any_of(batch, &Submission::hold))
    batch_with_holds = std::make_shared<const std::vector<Submission>>(batch);
  for (const Submission& submission : batch) {
    const Decision decision =
        decide(new_session(submission.id, submission.hold, now), event_of(Trigger::submitted));
    rows.push_back({submission.id, submission.reference, decision.next.durable, *decision.persist.transition,
                    submission.return_known});
    stepped.push_back(decision.next);
  }
  ++committing_;
  const RequestNumber request = ++last_request_;
  dependencies_.store.submit(std::move(rows),
                             [this, request, stepped = std::move(stepped), batch_with_holds,
                              done = std::move(done)](Result<std::vector<Submitted>> result) {
                               --committing_;
                               if (result.has_error()) {
                                 done(std::move(result));
                               } else {
                                 take_in_all(stepped, request, *result);
                                 hold_known(batch_with_holds, std::move(*result), done);
                               }
                               run();
                             });
}

void SessionFollower::take_in_all(const std::vector<Session>& stepped, RequestNumber request,
                                  std::vector<Submitted>& outcomes) {
  for (std::size_t i = 0; i < stepped.size(); ++i) {
    Submitted& outcome = outcomes[i];
    if (outcome.accepted) take_in(stepped[i], outcome, request);
    if (outcome.reference_filled && outcome.record) dependencies_.observer.stored(*outcome.record);
    if (outcome.record) fill_in(*outcome.record);
  }
}

/// A session that was known before and is to be held gets the command `hold`, as if an operator had given it.
/// One that is erased before that is submitted anew, and so is one that another submission has replaced.
void SessionFollower::hold_known(const Batch& batch_with_holds, std::vector<Submitted> outcomes,
                                 const Done<std::vector<Submitted>>& done) {
  if (!batch_with_holds) return done(std::move(outcomes));
  struct Waiting {
    std::vector<Submitted> outcomes;
    Done<std::vector<Submitted>> done;
    std::size_t left = 1;
    void end_one() {
      if (--left == 0) done(std::move(outcomes));
    }
  };
  const auto waiting = std::make_shared<Waiting>(Waiting{std::move(outcomes), done});
  for (std::size_t i = 0; i < batch_with_holds->size(); ++i) {
    const Submission& submission = (*batch_with_holds)[i];
    if (waiting->outcomes[i].accepted || !submission.hold) continue;  // PLANT: hold-known
    ++waiting->left;
    const auto hold_done = [this, waiting, i, submission](Result<std::optional<SessionRecord>> held) {
      Submitted& outcome = waiting->outcomes[i];
      const bool erased = held.has_error() && held.error().code == ErrorCode::session_not_followed;
      const bool replaced = held.has_value() && *held && !submission.reference.empty() &&
                            (*held)->reference != (outcome.kept_reference.empty() ? submission.reference
                                                                                  : outcome.kept_reference);
      if (erased || replaced) {
        return submit({submission}, [waiting, i](Result<std::vector<Submitted>> again) {
          if (again.has_error()) {
            waiting->outcomes[i].not_held = again.error();
          } else {
            waiting->outcomes[i] = std::move(again->front());
          }
          waiting->end_one();
        });
      }
      if (held.has_error()) {
        outcome.not_held = hold_refusal(held.error());
      } else if (*held && outcome.record) {
        outcome.record = std::move(**held);
      }
      waiting->end_one();
    };
    command(submission.id, Command::hold, hold_done);
  }
  waiting->end_one();
}

/// A submission that was accepted is on disk. If its id has an erasure under way, the order of the two
/// requests decides whether the session is to be followed.
void SessionFollower::take_in(const Session& session, const Submitted& outcome, RequestNumber request) {
  require(outcome.record.has_value(), "an accepted submission comes with its record");
  dependencies_.observer.transitioned(outcome.record->history.back());
  const Slot slot = sessions_.slot_for(session.id);
  // The store accepts an id that it does not hold: an older session with it was erased on disk, although its
  // erasure is not done yet.
  if (sessions_[slot].held_before(request)) {
    webhook_watch_.forget(session.id);
    remove(slot);
  }
  const Slot place = sessions_.slot_for(session.id);
  if (!sessions_[place].holds_session()) {
    const bool hinted = outcome.hinted_at != kNoWall;
    sessions_.place(place,
                    hinted ? hinted_before(session, outcome.hinted_at, dependencies_.clock.now()) : session,
                    request);
    reschedule(place);
  }
  dependencies_.observer.stored(*outcome.record);
}

/// While the store cannot be written to, commands are refused at once, as everything that clients ask for:
/// one that waited would change a session long after it was given.
void SessionFollower::command(const SessionId& id, Command command, CommandDone done) {
  const auto slot = sessions_.find(id);
  // A hold that comes while the intent to initiate is being committed takes effect before initiate leaves.
  const bool committing = slot && sessions_[*slot].commits > 0 && dependencies_.store.writable();
  const bool stores_nothing = command == Command::poll;
  if (committing || stores_nothing) return carry_out(id, command, done);
  ++committing_;
  dependencies_.store.check_writable(
      [this, id, command, done = std::move(done)](const Result<void>& writable) {
        --committing_;
        if (writable.has_error()) return done(writable.error());
        carry_out(id, command, done);
      });
}

void SessionFollower::carry_out(const SessionId& id, Command command, const CommandDone& done) {
  with_session(id, [this, id, command, done](const Result<Slot>& slot) {
    if (slot.has_error()) return done(slot.error());
    command_in_memory(*slot, command, done);
    if (const auto still = sessions_.find(id)) reschedule(*still);
  });
}

/// Calls `then` with the session's slot, once it is in memory: a final session is read back. The
/// caller steps it and reschedules it. Errors: SESSION_NOT_FOLLOWED, STORE_UNAVAILABLE.
void SessionFollower::with_session(const SessionId& id, std::function<void(Result<Slot>)> then) {
  if (const auto slot = sessions_.find_followed(id)) return then(*slot);
  const RequestNumber request = ++last_request_;
  dependencies_.store.load(
      id, [this, id, request, then = std::move(then)](const Result<std::optional<SessionRecord>>& loaded) {
        const auto slot = sessions_.find(id);
        if (slot && sessions_[*slot].erased_since(request)) return then(not_followed(id));
        if (loaded.has_error()) return then(loaded.error());
        // It may have come back to memory while it was read.
        if (const auto followed = sessions_.find_followed(id)) return then(*followed);
        if ((slot && sessions_[*slot].holds_session()) || !*loaded) return then(not_followed(id));
        place_record(**loaded, request);  // PLANT: brought-back
        then(*sessions_.find(id));
      });
}

void SessionFollower::resume(Done<void> done) {
  if (!conditions_.initiate_paused)
    return done(
        Error{ErrorCode::wrong_state, "nothing is paused: this is no restored copy, or it was resumed"});
  ++committing_;
  dependencies_.store.resume([this, done = std::move(done)](const Result<void>& resumed) {
    --committing_;
    if (resumed.has_error()) return done(resumed);
    conditions_.initiate_paused = false;
    sessions_.for_each(
        [this](Slot slot, const Tracked&) { apply(slot, event_of(Trigger::resumed), {}, nullptr); });
    done(resumed);
    run();
  });
}

void SessionFollower::command_in_memory(Slot slot, Command command, const CommandDone& done) {
  const Error refusal = wrong_state(command, sessions_[slot].session);
  const SessionId id = sessions_[slot].session.id;
  // A refusal may rest on a command that is not committed, too: what is read is read after that.
  const bool rests_on_a_commit = sessions_[slot].commits > 0;
  if (apply(slot, event_of(trigger_of(command)), {}, done)) return run();
  if (rests_on_a_commit) {
    dependencies_.store.load(id,
                             [done, refusal](const Result<std::optional<SessionRecord>>&) { done(refusal); });
  } else {
    done(refusal);
  }
  run();
}

}  // namespace bankconnect::follow
