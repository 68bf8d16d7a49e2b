// Whether webhooks keep up with what polling finds, as a value.
#pragma once

#include <cstdint>
#include <vector>

#include "src/follow/pending_webhooks.hpp"
#include "statemachine/webhook_health.hpp"

namespace bankconnect::follow {

class WebhookWatch {
 public:
  /// `salt` makes the layout of the hash table unpredictable to senders, who choose the ids.
  WebhookWatch(bool listening, Duration grace, std::uint64_t salt)
      : monitor_(listening, grace), pending_(grace, salt) {}

  /// An answer showed a change that a webhook is sent about.
  void discovered(const SessionId& id, const Discovery& discovery, Steady now);
  /// A webhook that may be about one of `kinds` was stored.
  void received(const SessionId& id, NotificationSet kinds, Steady now);
  /// Counts and returns the webhooks that did not come within the grace period.
  std::vector<PendingWebhooks::Entry> expire(Steady now);
  /// When `expire` has something to do, at the earliest; kNever when no webhook is awaited.
  Steady next_expiry() const { return pending_.first_overdue(); }
  /// The session is gone: its webhooks are not awaited any more.
  void forget(const SessionId& id) { pending_.forget(id); }

  WebhookHealth health() const { return monitor_.health(); }
  std::uint64_t missed() const { return missed_; }

 private:
  WebhookHealthMonitor monitor_;
  PendingWebhooks pending_;
  std::uint64_t missed_ = 0;
};

}  // namespace bankconnect::follow
