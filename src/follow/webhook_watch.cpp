#include "src/follow/webhook_watch.hpp"

namespace bankconnect::follow {

void WebhookWatch::discovered(const SessionId& id, const Discovery& discovery, Steady now) {
  if (health() == WebhookHealth::off) return;
  if (discovery.announced) {
    monitor_.announced(discovery.kind, now);
  } else {
    pending_.add(id, discovery.kind, now);
  }
}

void WebhookWatch::received(const SessionId& id, NotificationSet kinds, Steady now) {
  if (const auto kind = pending_.received(id, kinds)) monitor_.announced(*kind, now);
}

std::vector<PendingWebhooks::Entry> WebhookWatch::expire(Steady now) {
  std::vector<PendingWebhooks::Entry> overdue = pending_.overdue(now);
  for (const PendingWebhooks::Entry& entry : overdue)
    monitor_.missed(entry.kind, now);
  missed_ += overdue.size();
  return overdue;
}

}  // namespace bankconnect::follow
