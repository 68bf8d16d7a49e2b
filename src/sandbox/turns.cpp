#include "src/sandbox/turns.hpp"

#include <algorithm>

namespace bankconnect::sandbox {
namespace {

UploadStatus status_of_uploads(const Turns& turns, Instant now) {
  if (!reached(turns.begun, now)) return UploadStatus::no_uploads;
  if (!reached(turns.completed, now)) return UploadStatus::in_progress;
  if (reached(turns.reopened, now) && !reached(turns.completed_again, now)) return UploadStatus::in_progress;
  return UploadStatus::completed;
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

}  // namespace

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

// Nobody uploads to an expired session: what it was when it expired is what it stays, COMPLETED included.
UploadStatus planned_status(const Turns& turns, Instant now) {
  if (!reached(turns.expires, now)) return status_of_uploads(turns, now);
  const UploadStatus last = status_of_uploads(turns, *turns.expires);
  return last == UploadStatus::completed ? last : UploadStatus::expired;
}

std::optional<Instant> requested_at(const Scenario& scenario, const Events& events, const Turns& turns,
                                    Instant now) {
  if (events.requested || scenario.initiate != InitiateRule::already_requested) return events.requested;
  return requested_elsewhere(events, turns, now);
}

std::optional<Instant> processed_at(const Scenario& scenario, const Events& events, Instant requested) {
  if (events.processed) return std::max(*events.processed, requested);
  if (scenario.progress_end == ProgressEnd::never) return std::nullopt;
  return requested + scenario.processing + scenario.stalls;
}

}  // namespace bankconnect::sandbox
