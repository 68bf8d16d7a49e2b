// A session as the rules see it: what is kept on disk, and what only this run of the daemon knows.
// It holds no string and no pointer, so that a million of them wait in little memory.
#pragma once

#include "statemachine/channel.hpp"
#include "statemachine/moment.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session_id.hpp"
#include "statemachine/vocabulary.hpp"

namespace bankconnect {

/// Why a session is where it is. Values are kept in the database: never renumber them.
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
  reopened
};

/// What BankConnect said that its documents say it would not. A bit each, so that each is recorded once.
enum Anomaly : std::uint8_t {
  kNoAnomaly = 0,
  kUnknownUploadStatus = 1,
  kUnknownProgress = 2,
  kCompletedThenNoUploads = 4,
  kExpiredThenOpen = 8,
  kRequestForgotten = 16,
  kContradictsRules = 32
};

/// The part that survives a restart. Whenever a step changes it, it is committed before anything else
/// happens.
struct Kept {
  State state = State::no_uploads;
  State failed_from = State::no_uploads;  ///< where `retry` leads back to
  UploadStatus upload_status = UploadStatus::not_reported;
  Outcome outcome = Outcome::none;
  Reason reason = Reason::none;
  bool final = false;
  bool hold = false;                 ///< an operator forbade initiate
  bool process_wanted = false;       ///< an operator asked for initiate
  bool stalled = false;              ///< PROCESSING for longer than `polling.stalled_after`
  bool requested_elsewhere = false;  ///< somebody else had asked for processing before us
  Why why = Why::submitted;
  std::uint8_t anomalies = 0;    ///< Anomaly bits recorded so far
  std::uint8_t reinitiates = 0;  ///< times processing was asked for again
  std::uint32_t accounts = 0;    ///< seen in the last answer that listed them
  std::uint32_t statements = 0;
  std::uint32_t fingerprint = 0;  ///< of those accounts and statements

  Wall submitted_at = kNoWall;
  Reckoned followed_from = kNoReckoned;  ///< start of `polling.follow_for`: the submission or the last retry
  Wall since = kNoWall;                  ///< when the present state was entered; for people
  Reckoned state_since = kNoReckoned;    ///< the same, to count from
  Wall expires_at = kNoWall;
  Wall requested_at = kNoWall;  ///< first durable intent to initiate
  Wall accepted_at = kNoWall;
  Reckoned not_found_since = kNoReckoned;
  Reckoned final_at = kNoReckoned;  ///< retention runs from here
  /// Of the first hint that no answer has followed yet: wakes the session after a restart.
  Wall hinted_at = kNoWall;

  bool operator==(const Kept&) const = default;
};

/// The part that is derived anew after a restart.
struct Live {
  bool fresh = true;  ///< not submitted yet: the table's starting point
  bool in_flight = false;
  /// An answer of this run showed the present state: what changes now, changed meanwhile.
  bool observed = false;
  bool enrichment_found = false;  ///< told once for each time it is PROCESSING
  NewsBits hinted = 0;            ///< what hints announced that was not found yet
  bool ask_again = false;         ///< a hint or an operator came while a call was in flight
  Cause ask_again_because = Cause::poll;
  bool asked_for_hint = false;   ///< the last question was caused by a hint alone
  bool repeat_attempt = false;   ///< initiate may have reached BankConnect before
  bool accounts_failed = false;  ///< session_status showed a failed account
  Call next_call = Call::upload_status;
  Cause asked_because = Cause::submitted;
  Call failed_call = Call::upload_status;     ///< the call `attempts` counts
  Call refused_call = Call::upload_status;    ///< the call `refusals` counts
  std::uint8_t refusals = 0;                  ///< answers with an undocumented code in a row
  std::uint16_t attempts = 0;                 ///< failures in a row
  Call not_found_call = Call::upload_status;  ///< the call `not_found_since` is about
  Duration interval{0};                       ///< of upload polling, at present

  Steady due = kNever;           ///< when to ask next
  Steady planned = kNever;       ///< when it would be, had no hint brought it forward
  Steady hinted_at = kNoSteady;  ///< of the last hint
  Steady asked_at = kNoSteady;
  Steady not_before = kNoSteady;  ///< BankConnect asked for patience with this session
  /// When the last COMPLETED or EXPIRED answer had come, at the earliest, while it counts. It ages while the
  /// machine is suspended, too.
  Reckoned evidence_at = kNoReckoned;
  Steady state_since = kNoSteady;
  Steady followed_from = kNoSteady;
  Steady not_found_since = kNoSteady;
};

struct Session {
  SessionId id;
  Kept kept;
  Live live;
};

/// A session that was never seen before; `step` with Trigger::submitted brings it in.
Session new_session(const SessionId& id, bool hold, Moment now);

/// A session just submitted, of which a webhook had told at `hinted_at`.
Session hinted_before(Session session, Wall hinted_at, Moment now);

/// A session read back from disk. Its first question is planned by `step` with Trigger::recovered.
Session restored_session(const SessionId& id, const Kept& kept, Moment now);

}  // namespace bankconnect
