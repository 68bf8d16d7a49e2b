// News that polling found before a webhook told of it: each waits one grace period for its webhook.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "statemachine/channel.hpp"
#include "statemachine/session_id.hpp"

namespace bankconnect::follow {

class Unannounced {
 public:
  struct Entry {
    SessionId id;
    News news = News::completion;
    Steady until = kNever;
  };

  explicit Unannounced(Duration grace) : grace_(grace) {}

  void add(const SessionId& id, News news, Steady now) { waiting_.push_back({id, news, now + grace_}); }
  /// A webhook came for the session: takes out the oldest news of it that still waits.
  std::optional<News> announced(const SessionId& id);
  /// The session is gone, and nobody will know whether its webhook came.
  void forget(const SessionId& id);
  /// Takes out what has waited in vain.
  std::vector<Entry> overdue(Steady now);
  /// When the oldest has waited in vain; kNever when none waits.
  Steady first_overdue() const { return waiting_.empty() ? kNever : waiting_.front().until; }

 private:
  Duration grace_;
  /// Ordered by time. Short: at most what upstream can answer within one grace period.
  std::deque<Entry> waiting_;
};

}  // namespace bankconnect::follow
