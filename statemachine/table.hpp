// The one transition table. `step` runs it, the diagram and the documentation are drawn from it, and the test
// suite fails when a row was never taken.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "statemachine/event.hpp"
#include "statemachine/session.hpp"

namespace bankconnect {

/// Where a session may stand for a row to apply: a bit each. EXPIRED counts twice, because an expired session
/// of which nothing more will be tried reacts to operators only.
enum From : std::uint16_t {
  kFresh = 1 << 0,  ///< not submitted yet
  kNoUploads = 1 << 1,
  kInProgress = 1 << 2,
  kCompleted = 1 << 3,
  kExpired = 1 << 4,       ///< initiate is tried or awaited
  kExpiredFinal = 1 << 5,  ///< nothing more will be tried
  kProcessing = 1 << 6,
  kEnriched = 1 << 7,
  kFailed = 1 << 8
};
inline constexpr std::uint16_t kUploading = kNoUploads | kInProgress | kCompleted;
inline constexpr std::uint16_t kBeforeInitiate = kUploading | kExpired;
inline constexpr std::uint16_t kLive = kBeforeInitiate | kProcessing;

/// Where a row leads.
enum class To : std::uint8_t {
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

/// A condition on the session, the event, the time and the policy; see `holds` in machine.cpp.
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
  may_ask_again,  ///< fewer than `reinitiate_limit` repetitions so far
  refusals_left,
  refused_initiate,  ///< the refused call was initiate
  all_failed,        ///< every account failed, or insights_available is false
  some_failed
};
std::string_view name(Guard);

/// What a row does besides moving. Applied in this order.
enum Act : std::uint32_t {
  kNothing = 0,
  kMarkNotFound = 1u << 0,  ///< the grace period starts, if it has not
  kCountRefusal = 1u << 1,
  kCountReinitiate = 1u << 2,
  kFlagStalled = 1u << 3,
  kHold = 1u << 4,
  kRelease = 1u << 5,
  kWantProcess = 1u << 6,
  kReopen = 1u << 7,        ///< counters and grace periods start over
  kIntend = 1u << 8,        ///< the durable intent to initiate; initiate is asked next, at once
  kAccept = 1u << 9,        ///< processing was requested; progress is asked next
  kElsewhere = 1u << 10,    ///< … by somebody else
  kKeepPayload = 1u << 11,  ///< the answer's bytes are stored
  kFetchStatus = 1u << 12,  ///< session_status is asked next
  kFetchInsights = 1u << 13,
  kAskProgress = 1u << 14,  ///< progress is asked next
  kAskUpload = 1u << 15,    ///< upload_status is asked next
  kFinish = 1u << 16,       ///< final from here on
  kAsk = 1u << 17,          ///< send the next call now
  kNow = 1u << 18,          ///< the next question is due at once
  kSoon = 1u << 19,         ///< the next question is brought forward, with the spacing hints keep
  kPaceUpload = 1u << 20,
  kPaceProgress = 1u << 21,
  kBackOff = 1u << 22,
  kSpread = 1u << 23,     ///< due at a random point of the first interval
  kWaitLong = 1u << 24,   ///< nothing to ask until an operator acts or following ends
  kPatiently = 1u << 25,  ///< due after a pause that grows with every repetition
  kMarkHint = 1u << 26,   ///< a hint came; kept until an answer follows it
  kReplan = 1u << 27      ///< the planned question moves to where the channel's health wants it
};

struct Row {
  std::uint16_t from;  ///< From bits
  Trigger trigger;
  Guard guard;
  To to;
  std::uint32_t acts;  ///< Act bits
  Why why;             ///< what the session's `why` becomes; see kSameWhy
  Anomaly anomaly;
  Reason reason;          ///< for To::failed
  std::string_view text;  ///< for the documentation
};

/// In `Row::why`: leave it as it is.
inline constexpr Why kSameWhy = static_cast<Why>(255);
/// In `Row::why`: COMPLETED or EXPIRED, waiting; which of the reasons is worked out from hold and policy.
inline constexpr Why kWhyItWaits = static_cast<Why>(254);

/// In `Row::why`: EXPIRED for good; whether for want of a statement or by policy is worked out.
inline constexpr Why kWhyItEnds = static_cast<Why>(253);

/// All rows, in the order in which they are tried: the first that fits is taken.
std::span<const Row> table();

/// Where in the table's terms a session stands.
From standing(const Session& session);

}  // namespace bankconnect
