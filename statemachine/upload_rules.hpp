// The documented rules for a session's upload status, as a function over facts.
// BankConnect computes the status itself; these rules explain what it reported and notice when it contradicts
// its own documentation. Source: docs/upstream.md, "Upload status".
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
  /// Changes whenever the accounts or statements of the answer change; 0 means none were there.
  std::uint32_t fingerprint = 0;
  /// `session_expiry_timestamp`, or kNoWall when the answer has none.
  Wall expires_at = kNoWall;
  /// False when the answer leaves the list of accounts out: what was seen before still holds.
  bool lists_accounts = true;
};

/// The inputs of the documented rules.
struct StatusFacts {
  bool retrievable = true;        ///< BankConnect knows the session
  bool completion_known = false;  ///< completion webhook sent, or processing requested
  bool past_expiry = false;
  bool has_uploads = false;  ///< an account or a statement exists
};

/// Which rule decided.
enum class Rule : std::uint8_t { not_retrievable, completed, expired, no_uploads, in_progress };

struct Evaluation {
  UploadStatus status;
  Rule rule;
};

/// The documented rules in their documented order: COMPLETED overrides everything, then EXPIRED, then
/// NO_UPLOADS, then IN_PROGRESS; a session that cannot be retrieved counts as NO_UPLOADS.
constexpr Evaluation evaluate(const StatusFacts& facts) {
  if (!facts.retrievable) return {UploadStatus::no_uploads, Rule::not_retrievable};
  if (facts.completion_known) return {UploadStatus::completed, Rule::completed};
  if (facts.past_expiry) return {UploadStatus::expired, Rule::expired};
  if (!facts.has_uploads) return {UploadStatus::no_uploads, Rule::no_uploads};
  return {UploadStatus::in_progress, Rule::in_progress};
}

/// The status the rules give where it differs from the one BankConnect reported, else nothing. A reported
/// COMPLETED cannot be contradicted (whether the webhook was sent is not visible from here), nor can an
/// answer that comes within `slack` of the expiry timestamp, because two clocks are involved.
std::optional<Evaluation> contradiction(const UploadFacts& reported, Wall now,
                                        Duration slack = std::chrono::minutes(2));

}  // namespace bankconnect
