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

/// A webhook that named a session: it says when to ask, never what is true.
struct Hint {
  SessionId id;
  std::string event_name;  ///< as sent, printable, at most 100 characters; empty: none was given
  std::string body;
  Sha256 sha256{};  ///< of the body
  Wall received_at = kNoWall;
  Reckoned kept_since = kNoReckoned;  ///< the same moment; what nobody asks for is dropped some time after it
};

/// What became of a hint. Values are kept in the database: never renumber them.
enum class HintResult : std::uint8_t {
  accepted,  ///< its session is followed: the next question was brought forward
  recorded,  ///< its session is final: nothing else happens
  kept,      ///< nobody submitted its session; kept for whoever does
  ignored    ///< the same, and `webhook.unknown_sessions` says to ignore it; nothing is stored
};
std::string_view name(HintResult);
std::optional<HintResult> hint_result_named(std::string_view text);

/// A hint that is on disk.
struct HintTaken {
  HintResult result = HintResult::accepted;
  bool duplicate = false;  ///< the same body had come for the same session: counted
};

/// A webhook as the store keeps it: equal bodies for a session once.
struct HintRecord {
  std::uint64_t number = 0;  ///< rises with every arrival, counted ones included
  SessionId id;
  std::string event_name;
  HintResult result = HintResult::accepted;
  Wall received_at = kNoWall;
  Wall last_received_at = kNoWall;
  std::uint64_t count = 1;
  std::uint64_t bytes = 0;
  Sha256 sha256{};
};

/// The last attempt to register the webhook URL with BankConnect.
struct Registration {
  std::string webhook_url;
  std::string webhook_mode;  ///< as JSON
  Wall at = kNoWall;
  int http_status = 0;  ///< 0: there was no HTTP answer
  std::string code;     ///< empty: BankConnect accepted it
  std::string message;
};

/// What BankConnect said to a registration.
struct RegistrationAnswer {
  Registration registration;
  std::string body;  ///< as received; empty when there was none, or one too long to hand on
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
