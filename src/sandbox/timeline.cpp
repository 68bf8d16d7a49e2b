#include "src/sandbox/timeline.hpp"

#include <algorithm>

namespace bankconnect::sandbox {
namespace {

UploadStatus status_of_uploads(const Timeline& timeline, Instant now) {
  if (!reached(timeline.begun, now)) return UploadStatus::no_uploads;
  if (!reached(timeline.completed, now)) return UploadStatus::in_progress;
  if (reached(timeline.reopened, now) && !reached(timeline.completed_again, now))
    return UploadStatus::in_progress;
  return UploadStatus::completed;
}

// When another client requests processing: at the moment the uploads are complete.
std::optional<Instant> requested_elsewhere(const SessionHistory& history, const Timeline& timeline,
                                           Instant now) {
  if (history.status_override) {
    return history.status_override->status == UploadStatus::completed
               ? std::optional(history.status_override->at)
               : std::nullopt;
  }
  if (!reached(timeline.completed, now) ||
      planned_status(timeline, *timeline.completed) != UploadStatus::completed) {
    return std::nullopt;
  }
  return timeline.completed;
}

}  // namespace

Timeline timeline_of(const Scenario& scenario, const SessionHistory& history) {
  Timeline timeline;
  if (const auto expires_in = history.expires_in ? history.expires_in : scenario.expires_in) {
    timeline.expires = history.created + *expires_in;
  }
  if (history.status_override && history.status_override->status == UploadStatus::expired) {
    const Instant set_at = history.status_override->at;
    timeline.expires = timeline.expires ? std::min(*timeline.expires, set_at) : set_at;
  }
  if (scenario.then == UploadStatus::no_uploads) return timeline;
  timeline.begun = history.created + scenario.no_uploads;
  const Instant ended = *timeline.begun + scenario.in_progress;
  if (scenario.then == UploadStatus::expired) timeline.expires = ended;
  if (scenario.then != UploadStatus::completed) return timeline;
  timeline.completed = ended;
  if (scenario.reopened) {
    timeline.reopened = ended + scenario.reopened->after;
    timeline.completed_again = *timeline.reopened + scenario.reopened->lasts;
  }
  return timeline;
}

bool reached(const std::optional<Instant>& moment, Instant now) {
  return moment && now >= *moment;
}

// An expired session takes no uploads. COMPLETED at the expiry stays COMPLETED; the rest becomes EXPIRED.
UploadStatus planned_status(const Timeline& timeline, Instant now) {
  if (!reached(timeline.expires, now)) return status_of_uploads(timeline, now);
  const UploadStatus last = status_of_uploads(timeline, *timeline.expires);
  return last == UploadStatus::completed ? last : UploadStatus::expired;
}

std::optional<Instant> requested_at(const Scenario& scenario, const SessionHistory& history,
                                    const Timeline& timeline, Instant now) {
  if (history.requested || scenario.initiate != InitiateRule::already_requested) return history.requested;
  return requested_elsewhere(history, timeline, now);
}

std::optional<Instant> processed_at(const Scenario& scenario, const SessionHistory& history,
                                    Instant requested) {
  if (history.processed) return std::max(*history.processed, requested);
  if (scenario.progress_end == ProgressEnd::never) return std::nullopt;
  return requested + scenario.processing + scenario.stalls;
}

}  // namespace bankconnect::sandbox
