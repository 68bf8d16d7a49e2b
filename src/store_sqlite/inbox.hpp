// The webhooks that were received: equal bodies for a session once, within limits that hold whatever is sent.
// Store thread only; throws SqliteError.
#pragma once

#include <optional>

#include "bankconnect/store.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

/// Distinct webhooks stored for a session; the oldest are evicted.
inline constexpr std::int64_t kWebhooksPerSession = 100;
/// Bytes of bodies stored for a session; of further ones only size and hash are.
inline constexpr std::int64_t kBodyBytesPerSession = 1 << 20;
/// Webhooks for sessions that were not submitted: how many, bytes of bodies, and age; the oldest are evicted.
inline constexpr std::int64_t kUnclaimedWebhooks = 10'000;
inline constexpr std::int64_t kUnclaimedBodyBytes = 16 << 20;
inline constexpr Duration kUnclaimedAge = std::chrono::days(7);
inline constexpr int kExpiredAtOnce = 500;  ///< in one transaction

class Inbox {
 public:
  explicit Inbox(Connection& connection);

  /// Stores the webhook, or counts it when its body is there already: then true.
  bool insert(const Webhook& webhook, WebhookResult result);
  /// The session was submitted: the webhooks kept for it become its own. When the first of them came; kNoWall
  /// when there was none.
  Wall adopt(const SessionId& id);
  void erase(const SessionId& id);
  /// Deletes up to `most` unclaimed webhooks stored before `before`; true when there may be more.
  bool expire_unclaimed(Elapsed before, int most);
  /// A transaction was rolled back: the totals kept in memory are counted anew.
  void rolled_back() { unclaimed_.reset(); }

  WebhookPage webhooks(const WebhookQuery& query);
  Wall last_received_at();

 private:
  /// Totals of the rows with WebhookResult::kept.
  struct Unclaimed {
    std::int64_t webhooks = 0;
    std::int64_t bytes = 0;
  };

  std::int64_t evict_for(const SessionId& id);
  void evict_unclaimed();
  std::optional<std::int64_t> remove(Statement& oldest);
  Unclaimed& unclaimed();

  Connection& connection_;
  Statement count_again_, insert_, insert_body_, of_session_, oldest_of_session_;
  Statement kept_of_session_, adopt_, erase_bodies_, erase_;
  Statement count_unclaimed_, oldest_unclaimed_, oldest_unclaimed_before_, delete_body_, delete_;
  Statement last_received_at_;
  std::optional<Unclaimed> unclaimed_;  ///< counted when first needed
};

}  // namespace bankconnect::store_sqlite
