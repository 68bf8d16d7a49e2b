// What is known of a session, as plain values: what the store keeps, the socket shows and the files hold.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "statemachine/machine.hpp"

namespace bankconnect {

/// A call that went wrong last; cleared by the next one that goes right.
struct LastError {
  std::string code;     ///< BankConnect's `error.code`, else HTTP_503, TIMEOUT, CONNECTION_REFUSED, …
  std::string message;  ///< at most 300 characters, printable
  Wall at = kNoWall;
};

using Sha256 = std::array<std::uint8_t, 32>;
std::string hex(const Sha256& digest);

/// The bytes BankConnect sent as session_status or insights: kept whole, compressed with zstd.
struct Payload {
  std::string compressed;
  std::uint64_t bytes = 0;  ///< before compression
  Sha256 sha256{};          ///< of the bytes before compression
  Wall fetched_at = kNoWall;
};

struct PayloadInfo {
  Call kind = Call::session_status;
  std::uint64_t bytes = 0;
  Sha256 sha256{};
  Wall fetched_at = kNoWall;
};

/// One entry of the event log. `seq` rises by one, without gaps, and never changes.
struct EventRecord {
  std::uint64_t seq = 0;
  bool erased = false;  ///< its session was erased: everything but `seq` is blank
  SessionId id;
  std::string reference;
  Transition transition;
  std::string reason_code;  ///< BankConnect's code, for a session that failed as REFUSED
};

/// Everything stored about a session, but its payloads' bytes.
struct SessionRecord {
  SessionId id;
  std::string reference;  ///< empty: none was given
  Kept kept;
  std::optional<LastError> last_error;
  std::string
      accounts;  ///< a JSON array as text, numbers masked; empty before the first answer listing accounts
  std::vector<PayloadInfo> payloads;
  std::vector<EventRecord> history;

  // Only in memory, filled in by the follower for sessions it follows.
  std::uint16_t attempts = 0;
  Wall next_poll_at = kNoWall;
};

}  // namespace bankconnect
