#include "statemachine/event.hpp"

#include <cstdlib>

namespace bankconnect {

std::string_view to_string(Trigger trigger) {
  switch (trigger) {
    case Trigger::submitted: return "submitted";
    case Trigger::recovered: return "recovered";
    case Trigger::due: return "due";
    case Trigger::upload_none: return "upload_none";
    case Trigger::upload_in_progress: return "upload_in_progress";
    case Trigger::upload_completed: return "upload_completed";
    case Trigger::upload_expired: return "upload_expired";
    case Trigger::upload_unknown: return "upload_unknown";
    case Trigger::accepted: return "accepted";
    case Trigger::duplicate: return "duplicate";
    case Trigger::not_sent: return "not_sent";
    case Trigger::still_processing: return "still_processing";
    case Trigger::progress_finished: return "progress_finished";
    case Trigger::progress_unknown: return "progress_unknown";
    case Trigger::session_status_fetched: return "session_status_fetched";
    case Trigger::insights_fetched: return "insights_fetched";
    case Trigger::not_requested: return "not_requested";
    case Trigger::not_completed: return "not_completed";
    case Trigger::unparsable: return "unparsable";
    case Trigger::session_not_found: return "session_not_found";
    case Trigger::session_deleted: return "session_deleted";
    case Trigger::key_required: return "key_required";
    case Trigger::account_refused: return "account_refused";
    case Trigger::slow_down: return "slow_down";
    case Trigger::passing_fault: return "passing_fault";
    case Trigger::refused: return "refused";
    case Trigger::hint: return "hint";
    case Trigger::hold: return "hold";
    case Trigger::release: return "release";
    case Trigger::process: return "process";
    case Trigger::poll: return "poll";
    case Trigger::retry: return "retry";
    case Trigger::webhook_health_changed: return "webhook_health_changed";
    case Trigger::upstream_back: return "upstream_back";
    case Trigger::probe: return "probe";
    case Trigger::refresh: return "refresh";
    case Trigger::refreshed: return "refreshed";
    case Trigger::refresh_refused: return "refresh_refused";
    case Trigger::resumed: return "resumed";
    case Trigger::reports_fetched: return "reports_fetched";
    case Trigger::reports_missing: return "reports_missing";
    case Trigger::report_link_expired: return "report_link_expired";
  }
  return "";
}

Trigger trigger_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::duplicate: return Trigger::duplicate;
    case Refusal::processing_not_requested: return Trigger::not_requested;
    case Refusal::processing_not_completed: return Trigger::not_completed;
    case Refusal::unparsable: return Trigger::unparsable;
    case Refusal::session_not_found: return Trigger::session_not_found;
    case Refusal::session_deleted: return Trigger::session_deleted;
    case Refusal::key_required: return Trigger::key_required;
    case Refusal::account_refused: return Trigger::account_refused;
    case Refusal::slow_down: return Trigger::slow_down;
    case Refusal::passing_fault: return Trigger::passing_fault;
    case Refusal::unknown: return Trigger::refused;
    case Refusal::none: break;
  }
  std::abort();  // a success body has facts of its own
}

Trigger trigger_of(UploadStatus status) {
  switch (status) {
    case UploadStatus::no_uploads: return Trigger::upload_none;
    case UploadStatus::in_progress: return Trigger::upload_in_progress;
    case UploadStatus::completed: return Trigger::upload_completed;
    case UploadStatus::expired: return Trigger::upload_expired;
    case UploadStatus::not_reported:
    case UploadStatus::unknown: break;
  }
  return Trigger::upload_unknown;
}

}  // namespace bankconnect
