#include "statemachine/answer_rules.hpp"

namespace bankconnect {
namespace {

bool about_processing(Call call) {
  return call == Call::progress || call == Call::session_status || call == Call::insights;
}

/// Codes that mean the same whatever HTTP status they come with; `none` when the code decides nothing.
Refusal by_code(Call call, std::string_view code) {
  if (code == "SESSION_NOT_FOUND") return Refusal::session_not_found;
  if (code == "SESSION_DELETED") return Refusal::session_deleted;
  if (code == "ACCESS_DENIED") return Refusal::account_refused;
  if (code == "KEY_REQUIRED") return Refusal::key_required;
  if (code == "UNPARSABLE_STATEMENTS") return Refusal::unparsable;
  if (code == "DUPLICATE_PROCESSING_REQUEST" && call == Call::initiate) return Refusal::duplicate;
  if (code == "PROCESSING_NOT_REQUESTED" && about_processing(call)) return Refusal::processing_not_requested;
  if (code == "PROCESSING_NOT_COMPLETED" && about_processing(call)) return Refusal::processing_not_completed;
  return Refusal::none;
}

}  // namespace

Refusal classify(Call call, int http_status, std::string_view error_code, BodyForm body) {
  // A part of what was asked for whole: not even its code counts.
  if (http_status == 206 && call != Call::initiate) return Refusal::passing_fault;
  if (const Refusal known = by_code(call, error_code); known != Refusal::none) return known;

  if (http_status >= 200 && http_status < 300) return error_code.empty() ? Refusal::none : Refusal::unknown;
  if (http_status >= 300 && http_status < 400) return Refusal::account_refused;  // wrong base URL or path
  switch (http_status) {
    case 401:
    case 402:
    case 403: return Refusal::account_refused;
    case 408:
    case 425:
    case 429: return Refusal::slow_down;
    case 409:
      if (call == Call::initiate && body != BodyForm::other) return Refusal::duplicate;
      break;
    default: break;
  }
  if (http_status < 400 || http_status >= 500) return Refusal::passing_fault;
  return error_code.empty() ? Refusal::account_refused : Refusal::unknown;  // PLANT: code-needed
}

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::none: return "ok";
    case Refusal::duplicate: return "duplicate";
    case Refusal::processing_not_requested: return "processing_not_requested";
    case Refusal::processing_not_completed: return "processing_not_completed";
    case Refusal::unparsable: return "unparsable";
    case Refusal::session_not_found: return "session_not_found";
    case Refusal::session_deleted: return "session_deleted";
    case Refusal::key_required: return "key_required";
    case Refusal::account_refused: return "account_refused";
    case Refusal::slow_down: return "slow_down";
    case Refusal::passing_fault: return "fault";
    case Refusal::unknown: return "refused";
  }
  return "";
}

}  // namespace bankconnect
