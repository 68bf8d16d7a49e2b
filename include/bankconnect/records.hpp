// What is stored, as plain values: what the store holds, the socket shows and the status files contain.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/digest.hpp"
#include "statemachine/machine.hpp"

namespace bankconnect {

/// The last call of a session that failed; cleared by the next one that succeeds.
struct LastError {
  std::string code;     ///< BankConnect's `error.code`, else HTTP_503, TIMEOUT, CONNECTION_REFUSED, …
  std::string message;  ///< at most 300 characters, printable
  Wall at = kNoWall;
};

/// What decided why a session is where it is: a field of an answer, or an operator's command.
struct Evidence {
  std::optional<Call> call;  ///< the call that was answered; nothing for a command
  Wall at = kNoWall;
  std::string field;      ///< as BankConnect spells it, `error.code`, `http_status`, or `command`
  std::string value;      ///< at most 100 characters, printable; never an account number
  std::string statement;  ///< the statement id that the answer names; mostly empty
};

/// The bytes BankConnect sent as session_status or insights: stored whole, compressed with zstd.
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

/// A report that the insights link to, one of each kind for an account. The values are stored in the
/// database: never renumber them.
enum class ReportFormat : std::uint8_t { xlsx, xml };
inline constexpr std::array kAllReportFormats = {ReportFormat::xlsx, ReportFormat::xml};
std::string_view to_string(ReportFormat format);
std::optional<ReportFormat> parse_report_format(std::string_view text);

struct ReportName {
  std::string account;  ///< `account_id`: letters, digits and `-`, at most 64
  ReportFormat format = ReportFormat::xlsx;
  bool operator==(const ReportName&) const = default;
};

/// Where one can be fetched for some time. The URL is a secret: who has it can read the report.
struct ReportLink {
  ReportName name;
  std::string url;
};

/// The links of one answer.
struct ReportLinks {
  std::vector<ReportLink> links;
  bool some_unusable = false;  ///< there are more: too many, or of accounts without a name that fits

  bool none() const { return links.empty() && !some_unusable; }
};

/// What is stored of a report: its bytes' size and digest, or why there are none.
struct ReportInfo {
  ReportName name;
  std::uint64_t bytes = 0;
  Sha256 sha256{};
  Wall fetched_at = kNoWall;
  std::optional<LastError> error;
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

/// A webhook that named a session. To the rules it is a hint: it says when to ask, never what is true.
struct Webhook {
  SessionId id;
  std::string event_name;  ///< as sent, printable, at most 100 characters; empty when there is none
  std::string body;
  Sha256 sha256{};  ///< of the body
  Wall received_at = kNoWall;
  Elapsed stored_since = kNoElapsed;  ///< the same moment; unclaimed webhooks expire some time after it
};

/// What became of a webhook. The values are stored in the database: never renumber them.
enum class WebhookResult : std::uint8_t {
  accepted,  ///< its session is followed: the next question was brought forward
  recorded,  ///< its session is final: nothing else happens
  kept,      ///< its session was not submitted; kept for a later submission
  ignored    ///< the same, and `webhook.unknown_sessions` says to ignore it; nothing is stored
};
std::string_view to_string(WebhookResult);
std::optional<WebhookResult> parse_webhook_result(std::string_view text);

/// A webhook that is on disk.
struct StoredWebhook {
  WebhookResult result = WebhookResult::accepted;
  bool duplicate = false;             ///< the same body had come for the same session: counted
  Reason failed_with = Reason::none;  ///< of a session that had failed already
};

/// A webhook as the store lists it: equal bodies for a session once.
struct WebhookRecord {
  std::uint64_t number = 0;  ///< rises with every arrival, counted ones included
  SessionId id;
  std::string event_name;
  WebhookResult result = WebhookResult::accepted;
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
  int http_status = 0;  ///< 0 without an HTTP answer
  std::string code;     ///< empty when BankConnect accepted it
  std::string message;
};

/// BankConnect's answer to a registration.
struct RegistrationAnswer {
  Registration registration;
  std::string body;  ///< as received; empty when there was none, or one too long to hand on
};

inline constexpr std::uint32_t kHistoryShown = 100;

/// Everything stored about a session, but its payloads' bytes.
struct SessionRecord {
  SessionId id;
  std::string reference;  ///< empty when none was given
  Durable durable;
  std::optional<LastError> last_error;
  std::optional<Evidence> evidence;  ///< for `durable.why`
  /// What the last answer of each kind said about accounts and statements, as JSON text with account numbers
  /// masked; empty before the first such answer.
  std::string uploaded_accounts;   ///< upload_status: an object with `accounts` and `session_date_range`
  std::string processed_accounts;  ///< session_status: likewise
  std::string statement_progress;  ///< progress: an array of statements
  std::vector<PayloadInfo> payloads;
  std::vector<ReportInfo> reports;
  std::vector<EventRecord> history;  ///< the newest kHistoryShown of its events, in order
  bool more_history = false;         ///< there are older ones

  // Only in memory, filled in by the follower for sessions it follows.
  std::uint16_t attempts = 0;
  Wall next_poll_at = kNoWall;
};

}  // namespace bankconnect
