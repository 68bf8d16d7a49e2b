// The words of the field, once: states, upload statuses, calls, outcomes, reasons.
// Their spellings here are the ones users see in the database, the status files, the logs and the socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bankconnect {

/// Where a session stands. Values are kept in the database: never renumber them.
enum class State : std::uint8_t { no_uploads, in_progress, completed, expired, processing, enriched, failed };
inline constexpr std::array kAllStates = {State::no_uploads, State::in_progress, State::completed,
                                          State::expired,    State::processing,  State::enriched,
                                          State::failed};

/// What BankConnect last reported as `upload_status`.
enum class UploadStatus : std::uint8_t { not_reported, no_uploads, in_progress, completed, expired, unknown };

/// How an ENRICHED session ended.
enum class Outcome : std::uint8_t { none, complete, partial };

/// Why a FAILED session failed.
enum class Reason : std::uint8_t {
  none,
  session_not_found,
  session_deleted,
  key_required,
  unparsable_statements,
  accounts_failed,
  processing_timeout,
  not_followed_any_longer,
  refused
};

/// The calls to BankConnect that concern one session.
enum class Call : std::uint8_t { upload_status, initiate, progress, session_status, insights };
inline constexpr std::array kAllCalls = {Call::upload_status, Call::initiate, Call::progress,
                                         Call::session_status, Call::insights};

/// What made the daemon ask the question whose answer moved a session.
enum class Cause : std::uint8_t { submitted, poll, hint, start, command };

std::string_view to_string(State);
std::string_view to_string(UploadStatus);
std::string_view to_string(Outcome);
std::string_view to_string(Reason);
std::string_view to_string(Call);
std::string_view to_string(Cause);

/// The state with this contract name (`NO_UPLOADS`, …), exactly as spelled.
std::optional<State> parse_state(std::string_view text);

/// Reads an `upload_status` in any documented spelling: any letter case, blanks and `-` for `_`, NO_UPLOAD
/// for NO_UPLOADS. Anything else is `unknown`. Source: docs/upstream.md, "Upload status".
UploadStatus parse_upload_status(std::string_view text);

}  // namespace bankconnect
