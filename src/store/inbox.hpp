// The webhook inbox: what came, equal bodies for a session once, within bounds that hold whoever sends. And
// the last registration, which says why it comes. Store thread only; throws SqliteError.
#pragma once

#include <optional>

#include "bankconnect/archive.hpp"
#include "src/store/sqlite.hpp"

namespace bankconnect::store {

/// A session keeps this many distinct webhooks; the oldest make room.
inline constexpr std::int64_t kWebhooksPerSession = 100;
/// Beyond this a session's bodies are not kept, only their size and hash.
inline constexpr std::int64_t kBodyBytesPerSession = 1 << 20;
/// Webhooks for sessions nobody submitted: so many, so many bytes of bodies, and so old; the oldest make
/// room.
inline constexpr std::int64_t kUnknownWebhooks = 10'000;
inline constexpr std::int64_t kUnknownBodyBytes = 16 << 20;
inline constexpr Duration kUnknownAge = std::chrono::days(7);
inline constexpr int kUnknownAtOnce = 500;  ///< dropped for their age in one transaction

class Inbox {
 public:
  explicit Inbox(Connection& connection);

  /// Keeps the hint, or counts it when its body is there already: then true.
  bool take(const Hint& hint, HintResult result);
  /// The session was submitted: what was kept for it is its own now. When the first of it came; kNoWall when
  /// there was nothing.
  Wall take_over(const SessionId& id);
  void erase(const SessionId& id);
  /// Drops `most` of what was kept for nobody since before `before`; true when there may be more.
  bool drop_unknown(Reckoned before, int most);
  /// A transaction was rolled back: what was counted beside the tables is counted anew.
  void rolled_back() { unknown_.reset(); }

  HintPage hints(const HintQuery& query);
  Wall last_received_at();

  void keep(const Registration& registration);
  std::optional<Registration> registration();

 private:
  struct Unknown {
    std::int64_t webhooks = 0;
    std::int64_t bytes = 0;
  };

  std::int64_t make_room_for(const SessionId& id);
  void make_room_for_unknown();
  std::optional<std::int64_t> drop(Statement& oldest);
  Unknown& unknown();

  Connection& connection_;
  Statement count_again_, insert_, insert_body_, of_session_, oldest_of_session_;
  Statement kept_of_session_, hand_over_, erase_bodies_, erase_;
  Statement count_unknown_, oldest_unknown_, oldest_unknown_before_, delete_body_, delete_;
  Statement last_received_at_, keep_registration_, registration_;
  std::optional<Unknown> unknown_;  ///< of rows with HintResult::kept; counted when first needed
};

}  // namespace bankconnect::store
