#include "src/control/recent_events.hpp"

#include "bankconnect/view.hpp"

namespace bankconnect::control {

void RecentEvents::add(const EventRecord& event) {
  if (event.seq != first_ + events_.size()) clear();
  if (events_.empty()) first_ = event.seq;
  events_.push_back({event.id, event_json(event) + "\n"});
  bytes_ += events_.back().line.size();
  while (events_.size() > kMost || bytes_ > kMostBytes) {
    bytes_ -= events_.front().line.size();
    events_.pop_front();
    ++first_;
  }
}

void RecentEvents::clear() {
  events_.clear();
  bytes_ = 0;
}

std::optional<RecentEvents::Page> RecentEvents::after(std::uint64_t seq, std::uint64_t most,
                                                      const std::optional<SessionId>& id) const {
  const std::uint64_t end = first_ + events_.size();
  if (events_.empty() || seq + 1 < first_ || seq >= end) return std::nullopt;
  Page page;
  page.last = seq;
  for (std::uint64_t next = seq + 1; next < end && page.count < most; ++next) {
    const Event& event = events_[next - first_];
    page.last = next;
    if (id && event.id != *id) continue;
    page.lines += event.line;
    ++page.count;
  }
  return page;
}

}  // namespace bankconnect::control
