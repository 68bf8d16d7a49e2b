// Changes that polling found before their webhook came: each waits one grace period for it.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <optional>
#include <vector>

#include "src/follow/salted_hash.hpp"
#include "statemachine/webhook_health.hpp"

namespace bankconnect::follow {

class PendingWebhooks {
 public:
  struct Entry {
    SessionId id;
    Notification kind = Notification::completion;
    Steady until = kNever;
  };

  /// `salt`: see SaltedHash.
  PendingWebhooks(Duration grace, std::uint64_t salt) : grace_(grace), waiting_(0, SaltedHash{salt}) {}

  void add(const SessionId& id, Notification kind, Steady now);
  /// A webhook came for the session: takes out the oldest change it may be about.
  std::optional<Notification> received(const SessionId& id, NotificationSet kinds);
  void forget(const SessionId& id) { waiting_.erase(id); }
  /// Takes out the changes whose grace period is over.
  std::vector<Entry> overdue(Steady now);
  /// Not later than when the first grace period is over; kNever when nothing waits.
  Steady first_overdue() const { return order_.empty() ? kNever : order_.front().until; }

 private:
  using Deadlines = std::array<Steady, kAllNotifications.size()>;  ///< kNever: does not wait

  Duration grace_;
  std::deque<Entry> order_;  ///< by time; an entry that no longer waits stays in it until its time
  boost::unordered_flat_map<SessionId, Deadlines, SaltedHash> waiting_;
};

}  // namespace bankconnect::follow
