#include "statemachine/table.hpp"

namespace bankconnect {

Source position(const Session& session) {
  if (session.in_memory.is_new) return kNew;
  switch (session.durable.state) {
    case State::no_uploads: return kNoUploads;
    case State::in_progress: return kInProgress;
    case State::completed: return kCompleted;
    case State::expired: return session.durable.final ? kExpiredFinal : kExpired;
    case State::processing: return awaits_reports(session.durable) ? kAwaitingReports : kProcessing;
    case State::enriched:
      if (awaits_reports(session.durable)) return kReportsAnew;
      return session.durable.after_end == AfterEnd::refresh ? kRefreshing : kEnriched;
    case State::failed: return session.durable.after_end == AfterEnd::late_webhook ? kRechecked : kFailed;
  }
  return kFailed;
}

}  // namespace bankconnect
