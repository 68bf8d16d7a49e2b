// A session as the rules see it: what the database holds of it, and what only this run of the daemon knows.
// It holds no string and no pointer, so that a million of them wait in little memory.
#pragma once

#include <array>

#include "statemachine/moment.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session_id.hpp"
#include "statemachine/vocabulary.hpp"
#include "statemachine/webhook_health.hpp"

namespace bankconnect {

/// Why a session is where it is. The values are stored in the database: never renumber them.
enum class Why : std::uint8_t {
  submitted,
  no_uploads,
  not_retrievable,
  in_progress,
  completed,
  held,
  awaiting_operator,
  settling,
  expired,
  expired_held,
  expired_awaiting_operator,
  expired_without_statements,
  expired_not_processed,
  expired_refused,
  expired_given_up,
  processing,
  requested_elsewhere,
  stalled,
  request_forgotten,
  enriched,
  enriched_partly,
  failed,
  reopened,
  enriched_beside_error,
  enriched_without_accounts,
  end_doubted,
  awaiting_resume,
  expired_awaiting_resume,
  requested_by_unknown,
  awaiting_reports
};
inline constexpr Why kLastWhy = Why::awaiting_reports;

/// An answer that contradicts BankConnect's documents. A bit each, so that each is recorded once a session.
enum Anomaly : std::uint16_t {
  kNoAnomaly = 0,
  kUnknownUploadStatus = 1,
  kUnknownProgress = 2,
  kCompletedThenNoUploads = 4,
  kExpiredThenOpen = 8,
  kRequestForgotten = 16,
  kContradictsRules = 32,
  kErrorBesideData = 64,
  kNoAccountsInInsights = 128,
  kReportsMissing = 256
};
inline constexpr std::array kAllAnomalies = {
    kUnknownUploadStatus, kUnknownProgress, kCompletedThenNoUploads, kExpiredThenOpen, kRequestForgotten,
    kContradictsRules,    kErrorBesideData, kNoAccountsInInsights,   kReportsMissing};

/// What is left to do for a session whose data are stored, or that is final. The values are stored in the
/// database: never renumber them.
enum class AfterEnd : std::uint8_t {
  nothing,
  refresh,       ///< an operator wants the session status and insights of an ENRICHED session anew
  late_webhook,  ///< an enrichment webhook came for a session that had failed by our clock: has it finished?
  /// The reports that the stored insights link to are being fetched. A session in PROCESSING is ENRICHED once
  /// they are stored, or their timeout is over (section `[reports]`).
  reports
};

/// The part that survives a restart. A step that changes it is committed before anything else happens.
struct Durable {
  State state = State::no_uploads;
  State failed_from = State::no_uploads;  ///< where `retry` leads back to
  UploadStatus upload_status = UploadStatus::not_reported;
  Outcome outcome = Outcome::none;
  Reason reason = Reason::none;
  bool final = false;
  bool hold = false;                 ///< an operator forbade initiate
  bool process_wanted = false;       ///< an operator asked for initiate
  bool stalled = false;              ///< PROCESSING for longer than `polling.stalled_after`
  bool requested_elsewhere = false;  ///< another client had asked for processing before us
  /// It was not final in a copy of the database when that was put back: a request for processing that is
  /// found may have been ours.
  bool restored = false;
  bool requester_unknown = false;  ///< such a request was found
  AfterEnd after_end = AfterEnd::nothing;
  Why why = Why::submitted;
  Why enriched_as = Why::enriched;  ///< while reports are fetched in PROCESSING: what `why` becomes then
  std::uint16_t anomalies = 0;      ///< Anomaly bits recorded so far
  std::uint8_t reinitiates = 0;     ///< times processing was asked for again
  std::uint32_t accounts = 0;       ///< in the last answer that listed them
  std::uint32_t statements = 0;
  std::uint32_t fingerprint = 0;           ///< of those accounts and statements
  std::uint32_t progress_fingerprint = 0;  ///< of what the progress answers said of each statement

  Wall submitted_at = kNoWall;
  Elapsed followed_from = kNoElapsed;  ///< start of `polling.follow_for`: the submission or the last retry
  Wall since = kNoWall;                ///< when the present state was entered; for people
  Elapsed state_since = kNoElapsed;    ///< the same, to count from
  Wall expires_at = kNoWall;
  Wall requested_at = kNoWall;  ///< first durable intent to initiate
  Wall accepted_at = kNoWall;
  Elapsed not_found_since = kNoElapsed;
  /// Since when nothing has shown that BankConnect knows of the accepted processing request.
  Elapsed not_requested_since = kNoElapsed;
  /// Since when the answers say that the session ended and contradict themselves, or what was known of it.
  Elapsed doubted_since = kNoElapsed;
  Elapsed final_at = kNoElapsed;         ///< retention runs from here
  Elapsed after_end_since = kNoElapsed;  ///< when the last of `after_end` began
  /// When the first hint came that no answer has followed yet: the session is asked at once after a restart.
  Wall hinted_at = kNoWall;

  bool operator==(const Durable&) const = default;
};

/// How often in a row the same call ended the same way.
struct Streak {
  Call call = Call::upload_status;
  std::uint16_t count = 0;

  /// One more for `ended`; another call than before starts anew.
  void add(Call ended) {
    if (call != ended) count = 0;
    call = ended;
    if (count < UINT16_MAX) ++count;
  }
};

/// The part that is derived anew after a restart.
struct Volatile {
  bool is_new = true;  ///< not submitted yet: the table's starting point
  bool in_flight = false;
  /// An answer of this run showed the present state, so a change found now happened since.
  bool observed = false;
  bool enrichment_found = false;  ///< reported once for each time it is PROCESSING
  NotificationSet hinted = 0;     ///< what hints announced that no answer has shown yet
  bool ask_again = false;         ///< a hint or a command came while a call was in flight
  Cause ask_again_because = Cause::poll;
  bool asked_for_hint = false;      ///< the last question was caused by a hint alone
  bool repeat_attempt = false;      ///< an earlier initiate may have reached BankConnect
  bool accounts_failed = false;     ///< session_status showed a failed account
  bool accounts_completed = false;  ///< … and one that is completed
  bool error_beside_data = false;   ///< session_status came with an error, too
  bool end_doubted = false;         ///< the answer just read is to be confirmed before it counts
  std::uint8_t doubts = 0;          ///< answers in a row with such an end
  std::uint8_t empty_fetches = 0;   ///< insights that listed no account, in a row
  Call next_call = Call::upload_status;
  Cause asked_because = Cause::submitted;
  Call not_found_call = Call::upload_status;  ///< the call `Durable::not_found_since` is about
  Call failed_call = Call::upload_status;     ///< the call that failed last
  std::uint16_t attempts = 0;                 ///< failures in a row, of whichever call
  Streak refusals;                            ///< answers with an undocumented code
  Duration interval{0};                       ///< of upload polling, at present

  Steady due = kNever;      ///< when to ask next
  Steady planned = kNever;  ///< when that would be, had no hint brought it forward
  Steady hinted_at = kNoSteady;
  Steady asked_at = kNoSteady;
  Steady not_before = kNoSteady;  ///< BankConnect asked to wait until then (Retry-After)
  /// When the last COMPLETED or EXPIRED answer came, at the earliest, while it counts.
  Elapsed evidence_at = kNoElapsed;
};

struct Session {
  SessionId id;
  Durable durable;
  Volatile in_memory;
};

/// Whether calls are still to be made for the session: it is not final, or something is left to do after its
/// end.
inline bool has_calls(const Durable& durable) {
  return !durable.final || durable.after_end != AfterEnd::nothing;
}

/// Whether the reports of the session are being fetched.
inline bool awaits_reports(const Durable& durable) {
  return durable.after_end == AfterEnd::reports;
}

/// The call that a session in this state is asked with first: the upload status before PROCESSING, then the
/// progress; for ENRICHED and FAILED, what is asked after their end.
Call first_call(State state);

/// A session that was never seen before; `step` with Trigger::submitted brings it in.
Session new_session(const SessionId& id, bool hold, Moment now);

/// A session just submitted, for which a webhook had come at `hinted_at`.
Session hinted_before(Session session, Wall hinted_at, Moment now);

/// A session read back from disk. Its first question is planned by `step` with Trigger::recovered.
Session restored_session(const SessionId& id, const Durable& durable);

}  // namespace bankconnect
