// The one transition table. `step` runs it, the diagram and the documentation are drawn from it, and the test
// suite fails when a row was never taken.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "statemachine/event.hpp"
#include "statemachine/session.hpp"

namespace bankconnect {

/// The positions a row applies to, a bit each. EXPIRED has two, because an expired session of which nothing
/// more will be tried reacts to commands only.
enum Source : std::uint16_t {
  kNew = 1 << 0,  ///< not submitted yet
  kNoUploads = 1 << 1,
  kInProgress = 1 << 2,
  kCompleted = 1 << 3,
  kExpired = 1 << 4,       ///< initiate is tried or awaited
  kExpiredFinal = 1 << 5,  ///< nothing more will be tried
  kProcessing = 1 << 6,
  kEnriched = 1 << 7,
  kFailed = 1 << 8,
  kRefreshing = 1 << 9,        ///< ENRICHED, and its data are fetched anew
  kRechecked = 1 << 10,        ///< FAILED by our clock, and asked about because of a late webhook
  kAwaitingReports = 1 << 11,  ///< PROCESSING: the data are stored, and their reports are being fetched
  kReportsAnew = 1 << 12       ///< ENRICHED and refreshed, and the new reports are being fetched
};
inline constexpr std::uint16_t kUploading = kNoUploads | kInProgress | kCompleted;
inline constexpr std::uint16_t kBeforeInitiate = kUploading | kExpired;
inline constexpr std::uint16_t kLive = kBeforeInitiate | kProcessing;
inline constexpr std::uint16_t kAfterEnd = kRefreshing | kRechecked;
inline constexpr std::uint16_t kReports = kAwaitingReports | kReportsAnew;

/// Where a row leads.
enum class Target : std::uint8_t {
  stay,
  no_uploads,
  in_progress,
  completed,
  expired,
  processing,
  enriched,
  failed,
  where_it_failed
};

/// A condition on the session, the event, the time and the policy; see `holds` in guards.cpp.
enum class Guard : std::uint8_t {
  always,
  initiate_wanted,          ///< automatic or asked for, not held, settled
  expired_initiate_wanted,  ///< the same for an expired session, by policy and only with a statement
  expired_waits,            ///< it would be tried, were it not held or left to an operator
  evidence_fresh,           ///< initiate is next and the answer it rests on is young enough
  not_initiating,           ///< no initiate is in flight
  first_attempt,            ///< no earlier initiate of ours can have arrived
  followed_too_long,
  held_too_long,  ///< followed too long, and no initiate without an operator
  grace_over,     ///< SESSION_NOT_FOUND for longer than `polling.not_found_grace`
  timed_out,      ///< PROCESSING for longer than `polling.processing_timeout`
  becomes_stalled,
  may_ask_again,  ///< few repetitions so far, or the first one is younger than `polling.not_found_grace`
  refusals_left,
  refused_initiate,  ///< the refused call was initiate
  all_failed,        ///< every account failed, or insights_available is false
  some_failed,
  error_beside_data,     ///< the session status or the insights came with an error
  accounts_may_follow,   ///< the insights list no account although one completed; a few more tries
  accounts_missing,      ///< the same, every time
  end_doubted,           ///< an end that contradicts its own answer, or what was known of the session
  backing_off,           ///< calls failed and none is in flight
  failed_by_clock,       ///< FAILED for a time limit of ours, and not asked about lately
  tried_long_enough,     ///< the question after the end has been tried for as long as it may be
  less_than_stored,      ///< a refresh brought less than what is stored
  failed_in_processing,  ///< it was in PROCESSING when it failed
  reports_linked,        ///< the insights link to reports that are to be fetched
  asked_before           ///< the answer is not to the call that is next
};
std::string_view to_string(Guard);

/// The call that is made next.
enum class Next : std::uint8_t {
  same,  ///< as before; after an answer to initiate, upload_status
  upload_status,
  initiate,
  progress,
  session_status,
  insights,
  by_state  ///< the first of its state: see first_call
};
std::string_view to_string(Next);

/// When it is made.
enum class When : std::uint8_t {
  unchanged,
  in_this_step,   ///< the call leaves with this step
  now,            ///< due at once, for this event's reason
  soon,           ///< brought forward, with the spacing that hints keep
  upload_pace,    ///< one interval of upload polling, which grows while nothing changes
  progress_pace,  ///< one interval of progress polling
  back_off,       ///< after a pause that doubles with every failure in a row
  growing_pause,  ///< after a pause that grows with every repetition of initiate
  empty_pause,    ///< after a pause that doubles with every fetch that found nothing
  recheck,        ///< after the interval in which a doubted end is asked for again
  when_given_up,  ///< when following ends; until then an operator has to act
  spread,         ///< at a random point of the first interval
  replanned,      ///< where the present health of the webhooks wants it
  after_outage,   ///< within one interval, spread out, or earlier
  at_once,        ///< due at once, for a reason that is not the session's
  never
};
std::string_view to_string(When);

/// What a row changes besides state, next call and plan: a bit each. No two of them touch the same field, so
/// their order does not matter.
enum Mark : std::uint32_t {
  kNothing = 0,
  kNotFound = 1u << 0,  ///< the grace period starts, unless it runs
  kRefusal = 1u << 1,   ///< counted
  kReinitiate = 1u << 2,
  kStalled = 1u << 3,
  kHold = 1u << 4,
  kRelease = 1u << 5,
  kWantProcess = 1u << 6,
  kReopen = 1u << 7,         ///< counters and grace periods start over
  kIntend = 1u << 8,         ///< the durable intent to initiate
  kAccepted = 1u << 9,       ///< processing was requested by us
  kElsewhere = 1u << 10,     ///< … by another client
  kPayload = 1u << 11,       ///< the answer's bytes are stored
  kFinal = 1u << 12,         ///< nothing more will be tried
  kHint = 1u << 13,          ///< a hint came; stored until an answer follows it
  kPartial = 1u << 14,       ///< something is missing from what is stored
  kEmptyFetch = 1u << 15,    ///< counted
  kRefresh = 1u << 16,       ///< a refresh begins
  kRecheck = 1u << 17,       ///< the question that a late webhook causes begins
  kAfterEndDone = 1u << 18,  ///< it is answered; an event says so when a refresh ends without new data
  kSetAside = 1u << 19,      ///< what the answer brought is stored with the next one's, or not at all
  kRefreshed = 1u << 20,     ///< new data replace the old, and their reports are fetched; an event says so
  kAwaitReports = 1u << 21,  ///< ENRICHED has to wait for the reports
  kReportsDone = 1u << 22    ///< it does not any longer
};

/// What the session's `why` becomes.
enum class WhyIs : std::uint8_t {
  unchanged,
  given,    ///< Row::why
  waiting,  ///< COMPLETED or EXPIRED, waiting: worked out from hold, policy and time
  ended,    ///< EXPIRED for good: for want of a statement, or by policy
  enriched  ///< what it would have become without reports to wait for
};

struct Row {
  std::uint16_t from;  ///< Source bits
  Trigger trigger;
  Guard guard;
  Target to;
  Next next;
  When when;
  std::uint32_t marks;  ///< Mark bits
  WhyIs why_is;
  Why why;
  Anomaly anomaly;
  Reason reason;          ///< for Target::failed
  std::string_view text;  ///< for the documentation
};

/// All rows, in the order in which they are tried: the first that fits is taken.
std::span<const Row> table();

/// The session's position in the table.
Source position(const Session& session);

}  // namespace bankconnect
