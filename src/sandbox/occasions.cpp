#include "src/sandbox/occasions.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "src/sandbox/turns.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr auto kJustBefore = std::chrono::microseconds{1};

struct Told {
  UploadStatus status;
  WebhookEvent event;
};
constexpr std::array<Told, 2> kTold{
    {{UploadStatus::completed, WebhookEvent::completion}, {UploadStatus::expired, WebhookEvent::expiry}}};

void add_change(std::vector<Occasion>& occasions, UploadStatus from, UploadStatus to, Instant at) {
  for (const Told& told : kTold) {
    if (to == told.status && from != to) occasions.push_back({told.event, at});
  }
}

// A request for processing makes the status COMPLETED without the user's doing: no webhook tells of that,
// and none of what the plan had in store for the uploads.
std::vector<Occasion> upload_occasions(const Events& events, const Turns& turns,
                                       const std::optional<Instant>& requested) {
  std::vector<Occasion> occasions;
  if (events.moved) {
    add_change(occasions, events.moved->from, events.moved->status, events.moved->at);
    return occasions;
  }
  std::set<Instant> moments;  // two turns may come at once, and are one change
  for (const auto& turn : {turns.completed, turns.completed_again, turns.expires}) {
    if (turn && !(requested && *requested < *turn)) moments.insert(*turn);
  }
  for (const Instant at : moments) {
    add_change(occasions, planned_status(turns, at - kJustBefore), planned_status(turns, at), at);
  }
  return occasions;
}

// Who is deleted or gone is not told of any more. `found_after` is about answers and holds nothing back.
bool is_gone(const Scenario& scenario, const Events& events, Instant at) {
  const auto past = [&](const std::optional<Duration>& age) { return age && at >= events.created + *age; };
  return (events.deleted && at >= *events.deleted) || past(scenario.deleted_after) ||
         past(scenario.vanishes_after);
}

}  // namespace

std::vector<Occasion> occasions_of(const Scenario& scenario, const Events& events) {
  const Turns turns = turns_of(scenario, events);
  const auto requested = requested_at(scenario, events, turns, Instant::max());
  std::vector<Occasion> occasions = upload_occasions(events, turns, requested);
  const bool will_be_lost = events.requested && events.forgotten < scenario.forgets_request;
  if (requested && !will_be_lost) {
    if (const auto processed = processed_at(scenario, events, *requested))
      occasions.push_back({WebhookEvent::enrichment, *processed});
  }
  std::erase_if(occasions, [&](const Occasion& occasion) { return is_gone(scenario, events, occasion.at); });
  std::stable_sort(occasions.begin(), occasions.end(),
                   [](const Occasion& a, const Occasion& b) { return a.at < b.at; });
  return occasions;
}

}  // namespace bankconnect::sandbox
