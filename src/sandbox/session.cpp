#include "src/sandbox/session.hpp"

#include <algorithm>

namespace bankconnect::sandbox {
namespace {

// The moments at which the plan turns. A missing one never comes.
struct Turns {
  std::optional<Instant> begun;
  std::optional<Instant> completed;
  std::optional<Instant> reopened;
  std::optional<Instant> completed_again;
  std::optional<Instant> expires;
};

Turns turns_of(const Scenario& scenario, const Events& events) {
  Turns turns;
  if (const auto expires_in = events.expires_in ? events.expires_in : scenario.expires_in) {
    turns.expires = events.created + *expires_in;
  }
  if (scenario.then == UploadStatus::no_uploads) return turns;
  turns.begun = events.created + scenario.no_uploads;
  const Instant ended = *turns.begun + scenario.in_progress;
  if (scenario.then == UploadStatus::expired) turns.expires = ended;
  if (scenario.then != UploadStatus::completed) return turns;
  turns.completed = ended;
  if (scenario.reopened) {
    turns.reopened = ended + scenario.reopened->after;
    turns.completed_again = *turns.reopened + scenario.reopened->lasts;
  }
  return turns;
}

bool reached(const std::optional<Instant>& turn, Instant now) {
  return turn && now >= *turn;
}

UploadStatus status_of_uploads(const Turns& turns, Instant now) {
  if (!reached(turns.begun, now)) return UploadStatus::no_uploads;
  if (!reached(turns.completed, now)) return UploadStatus::in_progress;
  if (reached(turns.reopened, now) && !reached(turns.completed_again, now)) return UploadStatus::in_progress;
  return UploadStatus::completed;
}

// Nobody uploads to an expired session: what it was when it expired is what it stays, COMPLETED included.
UploadStatus planned_status(const Turns& turns, Instant now) {
  if (!reached(turns.expires, now)) return status_of_uploads(turns, now);
  const UploadStatus last = status_of_uploads(turns, *turns.expires);
  return last == UploadStatus::completed ? last : UploadStatus::expired;
}

Presence presence_at(const Scenario& scenario, const Events& events, Instant now) {
  const auto past = [&](const std::optional<Duration>& age) { return age && now >= events.created + *age; };
  if (events.deleted) return Presence::deleted;
  if (scenario.found_after && !past(scenario.found_after)) return Presence::not_found;
  if (past(scenario.vanishes_after)) return Presence::not_found;
  return past(scenario.deleted_after) ? Presence::deleted : Presence::present;
}

// Somebody else asks for processing at the very moment the uploads are complete.
std::optional<Instant> requested_elsewhere(const Events& events, const Turns& turns, Instant now) {
  if (events.moved) {
    return events.moved->status == UploadStatus::completed ? std::optional(events.moved->at) : std::nullopt;
  }
  if (!reached(turns.completed, now) || planned_status(turns, *turns.completed) != UploadStatus::completed) {
    return std::nullopt;
  }
  return turns.completed;
}

void set_processing(Truth& truth, const Scenario& scenario, const Events& events, Instant now) {
  const Instant done = *truth.requested + scenario.processing;
  const Instant over = events.processed.value_or(done + scenario.stalls);
  const bool never = scenario.progress_end == ProgressEnd::never && !events.processed;
  if (now >= over && !never) {
    truth.processing =
        scenario.progress_end == ProgressEnd::failed ? Processing::failed : Processing::completed;
    truth.changed = std::max(truth.changed, over);
  } else {
    truth.processing = now < done ? Processing::processing : Processing::stalled;
    truth.changed = std::max(truth.changed, *truth.requested);
  }
}

void set_uploads_by_hand(Truth& truth, const HandMove& moved) {
  truth.upload_status = moved.status;
  truth.uploads_since = moved.uploads_since;
  truth.reopened_since = moved.reopened_since;
  truth.changed = moved.at;
}

void set_planned_uploads(Truth& truth, const Turns& turns, Instant now) {
  Instant closed = now;  // uploads end with expiry and with the request for processing
  if (turns.expires) closed = std::min(closed, *turns.expires);
  if (truth.requested) closed = std::min(closed, *truth.requested);
  truth.upload_status = planned_status(turns, now);
  if (reached(turns.begun, closed)) truth.uploads_since = turns.begun;
  if (reached(turns.reopened, closed)) truth.reopened_since = turns.reopened;
  for (const auto& turn : {turns.begun, turns.completed, turns.reopened, turns.completed_again}) {
    if (reached(turn, closed)) truth.changed = std::max(truth.changed, *turn);
  }
}

}  // namespace

Truth truth_at(const Scenario& scenario, const Events& events, Instant now) {
  const Turns turns = turns_of(scenario, events);
  Truth truth;
  truth.presence = presence_at(scenario, events, now);
  truth.expires = turns.expires;
  truth.requested = events.requested;
  if (!truth.requested && scenario.initiate == InitiateRule::already_requested) {
    truth.requested = requested_elsewhere(events, turns, now);
  }
  truth.changed = events.created;
  if (events.moved) {
    set_uploads_by_hand(truth, *events.moved);
  } else {
    set_planned_uploads(truth, turns, now);
  }
  if (truth.requested) {
    truth.upload_status = UploadStatus::completed;  // the documents' first rule overrides all others
    set_processing(truth, scenario, events, now);
  }
  return truth;
}

HandMove move_by_hand(const Truth& before, UploadStatus status, Instant now) {
  HandMove move{.status = status,
                .at = now,
                .uploads_since = before.uploads_since,
                .reopened_since = before.reopened_since};
  if (status == UploadStatus::no_uploads) {
    move.uploads_since.reset();
    move.reopened_since.reset();
  }
  const bool needs_uploads = status == UploadStatus::in_progress || status == UploadStatus::completed;
  if (needs_uploads && !move.uploads_since) move.uploads_since = now;
  const bool comes_back =
      before.upload_status == UploadStatus::completed && status == UploadStatus::in_progress;
  if (comes_back && !move.reopened_since) move.reopened_since = now;
  return move;
}

}  // namespace bankconnect::sandbox
