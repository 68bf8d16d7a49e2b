#include "src/sandbox/webhook_events.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "src/sandbox/timeline.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr auto kJustBefore = std::chrono::microseconds{1};

struct StatusEvent {
  UploadStatus status;
  WebhookEvent event;
};
constexpr std::array<StatusEvent, 2> kStatusEvents{
    {{UploadStatus::completed, WebhookEvent::completion}, {UploadStatus::expired, WebhookEvent::expiry}}};

void add_change(std::vector<TimedEvent>& events, UploadStatus from, UploadStatus to, Instant at) {
  for (const StatusEvent& candidate : kStatusEvents) {
    if (to == candidate.status && from != to) events.push_back({candidate.event, at});
  }
}

// The events of the upload status. A request for processing sends none, although it makes the status
// COMPLETED, and it cancels all planned changes after it.
std::vector<TimedEvent> upload_events(const SessionHistory& history, const Timeline& timeline,
                                      const std::optional<Instant>& requested) {
  std::vector<TimedEvent> events;
  if (history.status_override) {
    add_change(events, history.status_override->from, history.status_override->status,
               history.status_override->at);
    return events;
  }
  std::set<Instant> changes;  // a set: two changes at one moment are one event
  for (const auto& moment : {timeline.completed, timeline.completed_again, timeline.expires}) {
    if (moment && !(requested && *requested < *moment)) changes.insert(*moment);
  }
  for (const Instant at : changes) {
    add_change(events, planned_status(timeline, at - kJustBefore), planned_status(timeline, at), at);
  }
  return events;
}

// No webhook is sent once the session is deleted or has vanished. `found_after` affects answers only.
bool is_gone(const Scenario& scenario, const SessionHistory& history, Instant at) {
  const auto past = [&](const std::optional<Duration>& age) { return age && at >= history.created + *age; };
  return (history.deleted && at >= *history.deleted) || past(scenario.deleted_after) ||
         past(scenario.vanishes_after);
}

}  // namespace

std::vector<TimedEvent> webhook_events_of(const Scenario& scenario, const SessionHistory& history) {
  const Timeline timeline = timeline_of(scenario, history);
  const auto requested = requested_at(scenario, history, timeline, Instant::max());
  std::vector<TimedEvent> events = upload_events(history, timeline, requested);
  const bool will_be_lost = history.requested && history.forgotten < scenario.forgets_request;
  if (requested && !will_be_lost) {
    if (const auto processed = processed_at(scenario, history, *requested))
      events.push_back({WebhookEvent::enrichment, *processed});
  }
  std::erase_if(events, [&](const TimedEvent& event) { return is_gone(scenario, history, event.at); });
  std::stable_sort(events.begin(), events.end(),
                   [](const TimedEvent& a, const TimedEvent& b) { return a.at < b.at; });
  return events;
}

}  // namespace bankconnect::sandbox
