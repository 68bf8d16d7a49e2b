#include "statemachine/vocabulary.hpp"

#include <string>

namespace bankconnect {

std::string_view to_string(State state) {
  switch (state) {
    case State::no_uploads: return "NO_UPLOADS";
    case State::in_progress: return "IN_PROGRESS";
    case State::completed: return "COMPLETED";
    case State::expired: return "EXPIRED";
    case State::processing: return "PROCESSING";
    case State::enriched: return "ENRICHED";
    case State::failed: return "FAILED";
  }
  return "";
}

std::string_view to_string(UploadStatus status) {
  switch (status) {
    case UploadStatus::not_reported: return "";
    case UploadStatus::no_uploads: return "NO_UPLOADS";
    case UploadStatus::in_progress: return "IN_PROGRESS";
    case UploadStatus::completed: return "COMPLETED";
    case UploadStatus::expired: return "EXPIRED";
    case UploadStatus::unknown: return "UNKNOWN";
  }
  return "";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::none: return "";
    case Outcome::complete: return "complete";
    case Outcome::partial: return "partial";
  }
  return "";
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::none: return "";
    case Reason::session_not_found: return "SESSION_NOT_FOUND";
    case Reason::session_deleted: return "SESSION_DELETED";
    case Reason::key_required: return "KEY_REQUIRED";
    case Reason::unparsable_statements: return "UNPARSABLE_STATEMENTS";
    case Reason::accounts_failed: return "ACCOUNTS_FAILED";
    case Reason::processing_timeout: return "PROCESSING_TIMEOUT";
    case Reason::not_followed_any_longer: return "NOT_FOLLOWED_ANY_LONGER";
    case Reason::refused: return "REFUSED";
  }
  return "";
}

std::string_view to_string(Call call) {
  switch (call) {
    case Call::upload_status: return "upload_status";
    case Call::initiate: return "initiate";
    case Call::progress: return "progress";
    case Call::session_status: return "session_status";
    case Call::insights: return "insights";
  }
  return "";
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::submitted: return "submitted";
    case Cause::poll: return "poll";
    case Cause::hint: return "hint";
    case Cause::start: return "start";
    case Cause::command: return "operator";
  }
  return "";
}

std::optional<State> parse_state(std::string_view text) {
  for (const State state : kAllStates) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

UploadStatus parse_upload_status(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (const char c : text) {
    if (c == ' ' || c == '-') {
      folded.push_back('_');
    } else {
      folded.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  if (folded == "NO_UPLOADS" || folded == "NO_UPLOAD") return UploadStatus::no_uploads;
  if (folded == "IN_PROGRESS") return UploadStatus::in_progress;
  if (folded == "COMPLETED") return UploadStatus::completed;
  if (folded == "EXPIRED") return UploadStatus::expired;
  return UploadStatus::unknown;
}

}  // namespace bankconnect
