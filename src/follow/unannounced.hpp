// News that polling found before a webhook told of it: each waits one grace period for its webhook.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
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

  /// `salt` makes the table's layout unpredictable to whoever chooses ids.
  Unannounced(Duration grace, std::uint64_t salt) : grace_(grace), waiting_(0, Salted{salt}) {}

  void add(const SessionId& id, News news, Steady now);
  /// A webhook came for the session: takes out the oldest of the news it may be about that still waits.
  std::optional<News> announced(const SessionId& id, NewsBits about);
  /// The session is gone, and nobody will know whether its webhook came.
  void forget(const SessionId& id) { waiting_.erase(id); }
  /// Takes out what has waited in vain.
  std::vector<Entry> overdue(Steady now);
  /// Not later than when the oldest has waited in vain; kNever when none waits.
  Steady first_overdue() const { return order_.empty() ? kNever : order_.front().until; }

 private:
  using Deadlines = std::array<Steady, kAllNews.size()>;  ///< kNever: does not wait
  struct Salted {
    std::uint64_t salt = 0;
    std::size_t operator()(const SessionId& id) const { return hash_of(id, salt); }
  };

  Duration grace_;
  std::deque<Entry> order_;  ///< by time; what no longer waits stays in it until then
  boost::unordered_flat_map<SessionId, Deadlines, Salted> waiting_;
};

}  // namespace bankconnect::follow
