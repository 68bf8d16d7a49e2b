// The documented rules for a session's upload status, as a function over facts.
// BankConnect computes the status itself; these rules notice when what it reports contradicts its own
// documents. Source: docs/upstream.md, "Upload status".
#pragma once

#include <cstdint>
#include <optional>

#include "statemachine/moment.hpp"
#include "statemachine/vocabulary.hpp"

namespace bankconnect {

/// What an upload-status answer says, reduced to what the rules look at.
struct UploadFacts {
  UploadStatus status = UploadStatus::not_reported;
  std::uint32_t accounts = 0;
  std::uint32_t statements = 0;
  /// Changes whenever the accounts or statements of the answer change; 0 when there are none.
  std::uint32_t fingerprint = 0;
  /// `session_expiry_timestamp`, or kNoWall when the answer has none.
  Wall expires_at = kNoWall;
  /// False when the answer leaves the list of accounts out: what was seen before still holds.
  bool lists_accounts = true;
};

/// The status that the documented rules give, in their order: past the expiry timestamp EXPIRED, without an
/// account or a statement NO_UPLOADS, else IN_PROGRESS. COMPLETED comes before all of them, but only
/// BankConnect knows whether its completion webhook was sent.
constexpr UploadStatus documented_status(bool past_expiry, bool has_uploads) {
  if (past_expiry) return UploadStatus::expired;
  return has_uploads ? UploadStatus::in_progress : UploadStatus::no_uploads;
}

/// How far BankConnect's clock and this machine's may differ.
inline constexpr Duration kClockSlack = std::chrono::minutes(2);

/// The status the rules give where it differs from the one reported, else nothing. A reported COMPLETED
/// cannot be contradicted, nor can an answer that comes within `slack` of the expiry timestamp, because two
/// clocks are involved.
std::optional<UploadStatus> contradiction(const UploadFacts& reported, Wall now,
                                          Duration slack = kClockSlack);

/// Whether an EXPIRED answer contradicts itself or what was known: nothing is uploaded by its own account,
/// and its expiry timestamp is still to come, or there were statements in an answer before.
bool expiry_doubtful(const UploadFacts& reported, std::uint32_t statements_before, Wall now);

}  // namespace bankconnect
