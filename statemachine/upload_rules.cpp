#include "statemachine/upload_rules.hpp"

namespace bankconnect {

std::optional<Evaluation> contradiction(const UploadFacts& reported, Wall now, Duration slack) {
  if (reported.status == UploadStatus::not_reported || reported.status == UploadStatus::unknown ||
      reported.status == UploadStatus::completed) {
    return std::nullopt;
  }
  StatusFacts facts;
  facts.has_uploads = reported.accounts > 0 || reported.statements > 0;
  if (reported.expires_at == kNoWall) {
    facts.past_expiry = reported.status == UploadStatus::expired;
  } else {
    if (now > reported.expires_at - slack && now < reported.expires_at + slack) return std::nullopt;
    facts.past_expiry = now >= reported.expires_at;
  }
  const Evaluation evaluated = evaluate(facts);
  if (evaluated.status == reported.status) return std::nullopt;
  return evaluated;
}

}  // namespace bankconnect
