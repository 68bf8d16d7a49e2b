#include "src/sandbox/session.hpp"

#include <algorithm>

#include "src/sandbox/timeline.hpp"

namespace bankconnect::sandbox {
namespace {

Presence presence_at(const Scenario& scenario, const SessionHistory& history, Instant now) {
  const auto past = [&](const std::optional<Duration>& age) { return age && now >= history.created + *age; };
  if (history.deleted) return Presence::deleted;
  if (scenario.found_after && !past(scenario.found_after)) return Presence::not_found;
  if (past(scenario.vanishes_after)) return Presence::not_found;
  return past(scenario.deleted_after) ? Presence::deleted : Presence::present;
}

void set_processing(SessionState& state, const Scenario& scenario, const SessionHistory& history,
                    Instant now) {
  const Instant done = *state.requested + scenario.processing;
  const std::optional<Instant> over = processed_at(scenario, history, *state.requested);
  if (reached(over, now)) {
    state.processing =
        scenario.progress_end == ProgressEnd::failed ? Processing::failed : Processing::completed;
    state.changed = std::max(state.changed, *over);
  } else {
    state.processing = now < done ? Processing::processing : Processing::stalled;
    state.changed = std::max(state.changed, *state.requested);
  }
}

void set_overridden_uploads(SessionState& state, const StatusOverride& status_override) {
  state.upload_status = status_override.status;
  state.uploads_since = status_override.uploads_since;
  state.reopened_since = status_override.reopened_since;
  state.changed = status_override.at;
}

void set_planned_uploads(SessionState& state, const Timeline& timeline, Instant now) {
  Instant closed = now;  // no uploads after the expiry or the request for processing
  if (timeline.expires) closed = std::min(closed, *timeline.expires);
  if (state.requested) closed = std::min(closed, *state.requested);
  state.upload_status = planned_status(timeline, now);
  if (reached(timeline.begun, closed)) state.uploads_since = timeline.begun;
  if (reached(timeline.reopened, closed)) state.reopened_since = timeline.reopened;
  for (const auto& moment :
       {timeline.begun, timeline.completed, timeline.reopened, timeline.completed_again}) {
    if (reached(moment, closed)) state.changed = std::max(state.changed, *moment);
  }
}

}  // namespace

SessionState state_at(const Scenario& scenario, const SessionHistory& history, Instant now) {
  const Timeline timeline = timeline_of(scenario, history);
  SessionState state;
  state.presence = presence_at(scenario, history, now);
  state.expires = timeline.expires;
  state.requested = requested_at(scenario, history, timeline, now);
  state.changed = history.created;
  if (history.status_override) {
    set_overridden_uploads(state, *history.status_override);
  } else {
    set_planned_uploads(state, timeline, now);
  }
  if (state.requested) {
    state.upload_status = UploadStatus::completed;  // documented to take precedence over every other status
    set_processing(state, scenario, history, now);
  }
  return state;
}

StatusOverride override_status(const SessionState& before, UploadStatus status, Instant now) {
  StatusOverride result{.from = before.upload_status,
                        .status = status,
                        .at = now,
                        .uploads_since = before.uploads_since,
                        .reopened_since = before.reopened_since};
  if (status == UploadStatus::no_uploads) {
    result.uploads_since.reset();
    result.reopened_since.reset();
  }
  const bool needs_uploads = status == UploadStatus::in_progress || status == UploadStatus::completed;
  if (needs_uploads && !result.uploads_since) result.uploads_since = now;
  const bool comes_back =
      before.upload_status == UploadStatus::completed && status == UploadStatus::in_progress;
  if (comes_back && !result.reopened_since) result.reopened_since = now;
  return result;
}

std::string_view status_name(const SessionState& state) {
  if (state.presence != Presence::present) return name_of(kPresenceNames, state.presence);
  return name_of(kUploadStatusNames, state.upload_status);
}

}  // namespace bankconnect::sandbox
