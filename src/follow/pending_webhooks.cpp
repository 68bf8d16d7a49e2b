#include "src/follow/pending_webhooks.hpp"

#include <algorithm>

namespace bankconnect::follow {

void PendingWebhooks::add(const SessionId& id, Notification kind, Steady now) {
  Deadlines none{};
  none.fill(kNever);
  Deadlines& deadlines = waiting_.try_emplace(id, none).first->second;
  deadlines[static_cast<std::size_t>(kind)] = now + grace_;
  order_.push_back({id, kind, now + grace_});
}

std::optional<Notification> PendingWebhooks::received(const SessionId& id, NotificationSet kinds) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return std::nullopt;
  Deadlines& deadlines = found->second;
  std::optional<Notification> oldest;
  for (const Notification kind : kAllNotifications) {
    const Steady until = deadlines[static_cast<std::size_t>(kind)];
    if ((kinds & bit(kind)) == 0 || until == kNever) continue;
    if (!oldest || until < deadlines[static_cast<std::size_t>(*oldest)]) oldest = kind;
  }
  if (!oldest) return std::nullopt;
  deadlines[static_cast<std::size_t>(*oldest)] = kNever;
  if (std::ranges::all_of(deadlines, [](Steady until) { return until == kNever; })) waiting_.erase(found);
  return oldest;
}

std::vector<PendingWebhooks::Entry> PendingWebhooks::overdue(Steady now) {
  std::vector<Entry> out;
  while (!order_.empty() && order_.front().until <= now) {
    const Entry entry = order_.front();
    order_.pop_front();
    const auto found = waiting_.find(entry.id);
    const bool waits =
        found != waiting_.end() && found->second[static_cast<std::size_t>(entry.kind)] == entry.until;
    if (waits && received(entry.id, bit(entry.kind))) out.push_back(entry);
  }
  return out;
}

}  // namespace bankconnect::follow
