#include "statemachine/upload_rules.hpp"

namespace bankconnect {

std::optional<UploadStatus> contradiction(const UploadFacts& reported, Wall now, Duration slack) {
  if (reported.status == UploadStatus::not_reported || reported.status == UploadStatus::unknown ||
      reported.status == UploadStatus::completed) {
    return std::nullopt;
  }
  bool past_expiry = reported.status == UploadStatus::expired;
  if (reported.expires_at != kNoWall) {
    if (now > reported.expires_at - slack && now < reported.expires_at + slack) return std::nullopt;
    past_expiry = now >= reported.expires_at;
  }
  const UploadStatus expected =
      documented_status(past_expiry, reported.accounts > 0 || reported.statements > 0);
  if (expected == reported.status) return std::nullopt;
  return expected;
}

bool expiry_doubtful(const UploadFacts& reported, std::uint32_t statements_before, Wall now) {
  if (reported.status != UploadStatus::expired) return false;
  const bool has_statements = reported.lists_accounts ? reported.statements > 0 : statements_before > 0;
  if (has_statements) return false;
  const bool not_over = reported.expires_at != kNoWall && reported.expires_at > now + kClockSlack;
  return not_over || statements_before > 0;
}

}  // namespace bankconnect
