#include "statemachine/why.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bankconnect {
namespace {

std::string counted(std::uint32_t n, std::string_view thing) {
  return std::to_string(n) + " " + std::string(thing) + (n == 1 ? "" : "s");
}

std::string uploads(const Durable& durable) {
  return counted(durable.accounts, "account") + ", " + counted(durable.statements, "statement");
}

constexpr std::size_t kAccountsNamed = 3;

/// `: axis XXXX3135 with BALANCE_MISMATCH, …`; empty when none is known.
std::string listed(std::span<const std::string> failed_accounts) {
  std::string out;
  for (const std::string& account : failed_accounts.first(std::min(failed_accounts.size(), kAccountsNamed))) {
    out.append(out.empty() ? ": " : ", ");
    out.append(account);
  }
  if (failed_accounts.size() > kAccountsNamed)
    out += " and " + std::to_string(failed_accounts.size() - kAccountsNamed) + " more";
  return out;
}

std::string_view failure(Reason reason) {
  switch (reason) {
    case Reason::session_not_found:
      return "BankConnect answered SESSION_NOT_FOUND for longer than polling.not_found_grace.";
    case Reason::session_deleted: return "The session was deleted at BankConnect.";
    case Reason::key_required: return "BankConnect found no valid session id in the request (KEY_REQUIRED).";
    case Reason::unparsable_statements: return "BankConnect cannot read the statements of this session.";
    case Reason::processing_timeout: return "Processing took longer than polling.processing_timeout.";
    case Reason::not_followed_any_longer:
      return "The session reached no final state within polling.follow_for.";
    case Reason::accounts_failed:
    case Reason::refused:
    case Reason::none: break;
  }
  return "";
}

/// The sentences that name nothing of the session; empty for the others.
std::string_view fixed_sentence(Why why) {
  switch (why) {
    case Why::submitted: return "Submitted; BankConnect has not answered for it yet.";
    case Why::no_uploads: return "The session is valid, and nothing has been uploaded to it.";
    case Why::not_retrievable:
      return "BankConnect does not find this session, which counts as no uploads until "
             "polling.not_found_grace is over.";
    case Why::held: return "Uploads are complete, but an operator holds the session; release lets it go on.";
    case Why::awaiting_operator:
      return "Uploads are complete; processing.auto is off, so it waits for the command process.";
    case Why::awaiting_resume:
      return "Uploads are complete; the database was restored from a copy, so it waits for the command "
             "resume.";
    case Why::settling:
      return "Uploads are complete; it waits out processing.settle in case another bank is added.";
    case Why::expired_held: return "The session expired with statements, but an operator holds it.";
    case Why::expired_awaiting_operator:
      return "The session expired with statements; processing.auto is off, so it waits for the command "
             "process.";
    case Why::expired_awaiting_resume:
      return "The session expired with statements; the database was restored, so it waits for the command "
             "resume.";
    case Why::expired_without_statements: return "The session expired without a statement to process.";
    case Why::expired_not_processed:
      return "The session expired; processing.expired_sessions says that such sessions are not processed.";
    case Why::expired_refused: return "The session expired, and BankConnect refused to process it.";
    case Why::expired_given_up:
      return "The session expired, and polling.follow_for ended before an operator let it go on.";
    case Why::processing: return "BankConnect accepted the processing request.";
    case Why::requested_elsewhere: return "Processing had already been requested by another client.";
    case Why::requested_by_unknown:
      return "Processing had already been requested; the database was restored, so it is not known by whom.";
    case Why::stalled:
      return "Processing takes longer than polling.stalled_after; it is asked about less often.";
    case Why::request_forgotten:
      return "BankConnect knows of no processing request although it had accepted one; it is asked for "
             "again.";
    case Why::enriched: return "Session status and insights are stored.";
    case Why::enriched_without_accounts:
      return "Session status and insights are stored; the insights list no account, although one completed.";
    case Why::awaiting_reports:
      return "Session status and insights are stored; the reports that they link to are being fetched.";
    case Why::end_doubted:
      return "BankConnect says that the session ended with nothing, which contradicts what else is known of "
             "it; "
             "it is asked again for some minutes before that counts.";
    case Why::reopened: return "An operator reopened the session.";
    case Why::in_progress:
    case Why::completed:
    case Why::expired:
    case Why::enriched_partly:
    case Why::enriched_beside_error:
    case Why::failed: break;
  }
  return "";
}

std::string failure_sentence(Reason reason, const Told& told) {
  if (reason == Reason::accounts_failed) {
    if (told.insights_denied) return "BankConnect says that there are no insights for this session.";
    return "Every account failed" + listed(told.failed_accounts) + ".";
  }
  if (reason == Reason::refused) {
    return "BankConnect refused the call every time it was tried" +
           (told.code.empty() ? std::string(".") : " with " + std::string(told.code) + ".");
  }
  return std::string(failure(reason));
}

std::string sentence(const Durable& durable, const Told& told) {
  switch (durable.why) {
    case Why::in_progress: return "Uploads have begun (" + uploads(durable) + ") but are not complete.";
    case Why::completed:
      return "Uploads are complete (" + uploads(durable) + "); processing is being asked for.";
    case Why::expired: return "The session expired (" + uploads(durable) + "); processing is tried once.";
    case Why::enriched_partly:
      return "Session status and insights are stored; some accounts failed" + listed(told.failed_accounts) +
             ".";
    case Why::enriched_beside_error:
      return "Session status and insights are stored as they came, with an error beside the data" +
             (told.code.empty() ? std::string(".") : ": " + std::string(told.code) + ".");
    case Why::failed: return failure_sentence(durable.reason, told);
    default: return std::string(fixed_sentence(durable.why));
  }
}

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::submitted: return "submitted";
    case Why::no_uploads: return "no_uploads";
    case Why::not_retrievable: return "not_retrievable";
    case Why::in_progress: return "in_progress";
    case Why::completed: return "completed";
    case Why::held: return "held";
    case Why::awaiting_operator: return "awaiting_operator";
    case Why::settling: return "settling";
    case Why::expired: return "expired";
    case Why::expired_held: return "expired_held";
    case Why::expired_awaiting_operator: return "expired_awaiting_operator";
    case Why::expired_without_statements: return "expired_without_statements";
    case Why::expired_not_processed: return "expired_not_processed";
    case Why::expired_refused: return "expired_refused";
    case Why::expired_given_up: return "expired_given_up";
    case Why::processing: return "processing";
    case Why::requested_elsewhere: return "requested_elsewhere";
    case Why::stalled: return "stalled";
    case Why::request_forgotten: return "request_forgotten";
    case Why::enriched: return "enriched";
    case Why::enriched_partly: return "enriched_partly";
    case Why::failed: return "failed";
    case Why::reopened: return "reopened";
    case Why::enriched_beside_error: return "enriched_beside_error";
    case Why::enriched_without_accounts: return "enriched_without_accounts";
    case Why::end_doubted: return "end_doubted";
    case Why::awaiting_resume: return "awaiting_resume";
    case Why::expired_awaiting_resume: return "expired_awaiting_resume";
    case Why::requested_by_unknown: return "requested_by_unknown";
    case Why::awaiting_reports: return "awaiting_reports";
  }
  return "";
}

Explanation explain(const Durable& durable, const Told& told) {
  return {std::string(to_string(durable.why)), sentence(durable, told)};
}

std::vector<std::string_view> anomaly_codes(std::uint16_t anomalies) {
  constexpr std::array<std::pair<Anomaly, std::string_view>, kAllAnomalies.size()> kCodes = {{
      {kUnknownUploadStatus, "UNKNOWN_UPLOAD_STATUS"},
      {kUnknownProgress, "UNKNOWN_PROGRESS"},
      {kCompletedThenNoUploads, "COMPLETED_THEN_NO_UPLOADS"},
      {kExpiredThenOpen, "EXPIRED_THEN_OPEN"},
      {kRequestForgotten, "PROCESSING_REQUEST_FORGOTTEN"},
      {kContradictsRules, "UPLOAD_STATUS_CONTRADICTS_RULES"},
      {kErrorBesideData, "ERROR_BESIDE_DATA"},
      {kNoAccountsInInsights, "NO_ACCOUNTS_IN_INSIGHTS"},
      {kReportsMissing, "REPORTS_MISSING"},
  }};
  std::vector<std::string_view> codes;
  for (const auto& [bit, code] : kCodes) {
    if ((anomalies & bit) != 0) codes.push_back(code);
  }
  return codes;
}

}  // namespace bankconnect
