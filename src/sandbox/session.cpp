#include "src/sandbox/session.hpp"

#include <algorithm>

#include "src/sandbox/turns.hpp"

namespace bankconnect::sandbox {
namespace {

Presence presence_at(const Scenario& scenario, const Events& events, Instant now) {
  const auto past = [&](const std::optional<Duration>& age) { return age && now >= events.created + *age; };
  if (events.deleted) return Presence::deleted;
  if (scenario.found_after && !past(scenario.found_after)) return Presence::not_found;
  if (past(scenario.vanishes_after)) return Presence::not_found;
  return past(scenario.deleted_after) ? Presence::deleted : Presence::present;
}

void set_processing(Truth& truth, const Scenario& scenario, const Events& events, Instant now) {
  const Instant done = *truth.requested + scenario.processing;
  const std::optional<Instant> over = processed_at(scenario, events, *truth.requested);
  if (reached(over, now)) {
    truth.processing =
        scenario.progress_end == ProgressEnd::failed ? Processing::failed : Processing::completed;
    truth.changed = std::max(truth.changed, *over);
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
  truth.requested = requested_at(scenario, events, turns, now);
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
  HandMove move{.from = before.upload_status,
                .status = status,
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

std::string_view name_of_truth(const Truth& truth) {
  if (truth.presence != Presence::present) return name_of(kPresenceNames, truth.presence);
  return name_of(kUploadStatusNames, truth.upload_status);
}

}  // namespace bankconnect::sandbox
