#include "statemachine/table.hpp"

#include <array>

namespace bankconnect {
namespace {

using enum Trigger;
using G = Guard;

constexpr Row row(std::uint16_t from, Trigger trigger, Guard guard, To to, std::uint32_t acts, Why why,
                  std::string_view text, Anomaly anomaly = kNoAnomaly) {
  return {from, trigger, guard, to, acts, why, anomaly, Reason::none, text};
}

constexpr Row fails(std::uint16_t from, Trigger trigger, Guard guard, Reason reason, std::string_view text,
                    std::uint32_t acts = kNothing) {
  return {from, trigger, guard, To::failed, acts | kFinish, Why::failed, kNoAnomaly, reason, text};
}

constexpr std::array kTable = {
    // clang-format off
    // ---- Beginnings ---------------------------------------------------------------------------------------
    row(kFresh, submitted, G::always, To::no_uploads, kNow, Why::submitted,
        "a session id is handed in: ask at once"),
    row(kLive, recovered, G::always, To::stay, kSpread, kSameWhy,
        "after a restart every session is asked once, spread out"),

    // ---- Time to ask --------------------------------------------------------------------------------------
    row(kExpired, due, G::held_too_long, To::expired, kFinish, Why::expired_given_up,
        "nobody released or processed the expired session in time"),
    row(kCompleted | kExpired, due, G::evidence_fresh, To::stay, kAsk, kSameWhy,
        "the intent is durable and the evidence young: send initiate_processing"),
    row(kBeforeInitiate, due, G::always, To::stay, kAskUpload | kAsk, kSameWhy,
        "ask for the upload status"),
    row(kProcessing, due, G::always, To::stay, kAsk, kSameWhy,
        "ask for progress, session status or insights, whichever is next"),

    // ---- Answers to upload_status -------------------------------------------------------------------------
    fails(kUploading, upload_none, G::followed_too_long, Reason::not_followed_any_longer,
        "nothing happened for `polling.follow_for`"),
    row(kNoUploads, upload_none, G::always, To::stay, kPaceUpload, Why::no_uploads,
        "still nothing uploaded"),
    row(kInProgress, upload_none, G::always, To::no_uploads, kPaceUpload, Why::no_uploads,
        "what had been uploaded is gone"),
    row(kCompleted, upload_none, G::always, To::stay, kPaceUpload, kWhyItWaits,
        "COMPLETED does not become NO_UPLOADS: recorded, no initiate on it", kCompletedThenNoUploads),
    fails(kUploading, upload_in_progress, G::followed_too_long, Reason::not_followed_any_longer,
        "uploads never completed within `polling.follow_for`"),
    row(kNoUploads, upload_in_progress, G::always, To::in_progress, kPaceUpload, Why::in_progress,
        "uploads have begun"),
    row(kInProgress, upload_in_progress, G::always, To::stay, kPaceUpload, Why::in_progress,
        "uploads go on"),
    row(kCompleted, upload_in_progress, G::always, To::in_progress, kPaceUpload, Why::in_progress,
        "the user came back to add another bank"),
    row(kExpired, upload_none, G::always, To::stay, kPaceUpload, kSameWhy,
        "EXPIRED does not open again: recorded, asked again", kExpiredThenOpen),
    row(kExpired, upload_in_progress, G::always, To::stay, kPaceUpload, kSameWhy,
        "EXPIRED does not open again: recorded, asked again", kExpiredThenOpen),
    row(kUploading, upload_completed, G::initiate_wanted, To::completed, kIntend, Why::completed,
        "uploads are complete: make the intent to initiate durable, then initiate"),
    fails(kCompleted, upload_completed, G::held_too_long, Reason::not_followed_any_longer,
        "COMPLETED, but nobody released it within `polling.follow_for`"),
    row(kUploading, upload_completed, G::always, To::completed, kPaceUpload, kWhyItWaits,
        "complete, but held, settling or left to an operator"),
    row(kExpired, upload_completed, G::initiate_wanted, To::stay, kIntend, Why::expired,
        "an expired session reported COMPLETED is as good as one: initiate"),
    row(kExpired, upload_completed, G::always, To::stay, kWaitLong, kWhyItWaits,
        "held or left to an operator"),
    row(kBeforeInitiate, upload_expired, G::expired_initiate_wanted, To::expired, kIntend, Why::expired,
        "expired with a statement, or an operator asked: try initiate once"),
    row(kBeforeInitiate, upload_expired, G::expired_waits, To::expired, kWaitLong, kWhyItWaits,
        "expired with a statement, but held or left to an operator"),
    row(kBeforeInitiate, upload_expired, G::always, To::expired, kFinish, kWhyItEnds,
        "expired, and nothing in it to process (or `processing.expired_sessions` is `stop`)"),
    fails(kUploading, upload_unknown, G::followed_too_long, Reason::not_followed_any_longer,
        "no status anyone documented within `polling.follow_for`"),
    row(kBeforeInitiate, upload_unknown, G::always, To::stay, kPaceUpload, kSameWhy,
        "a status nobody documented changes nothing", kUnknownUploadStatus),

    // ---- Answers to initiate ------------------------------------------------------------------------------
    row(kCompleted | kExpired, accepted, G::always, To::processing, kAccept | kPaceProgress, Why::processing,
        "BankConnect accepted the request"),
    row(kCompleted | kExpired, duplicate, G::first_attempt, To::processing, kAccept | kElsewhere | kPaceProgress,
        Why::requested_elsewhere, "somebody else had asked already"),
    row(kCompleted | kExpired, duplicate, G::always, To::processing, kAccept | kPaceProgress, Why::processing,
        "an earlier attempt of ours had arrived"),
    row(kCompleted | kExpired, not_sent, G::always, To::stay, kAskUpload | kNow, kSameWhy,
        "the evidence grew too old while the call waited: ask again first"),

    // ---- Answers to progress ------------------------------------------------------------------------------
    fails(kProcessing, still_processing, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, still_processing, G::becomes_stalled, To::stay, kFlagStalled | kPaceProgress, Why::stalled,
        "processing takes longer than `polling.stalled_after`: flagged, asked less often"),
    row(kProcessing, still_processing, G::always, To::stay, kPaceProgress, kSameWhy,
        "processing goes on"),
    row(kProcessing, progress_finished, G::always, To::stay, kFetchStatus | kNow, kSameWhy,
        "processing ended: fetch the session status"),
    fails(kProcessing, progress_unknown, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, progress_unknown, G::becomes_stalled, To::stay, kFlagStalled | kPaceProgress, Why::stalled,
        "a progress nobody documented for longer than `polling.stalled_after`", kUnknownProgress),
    row(kProcessing, progress_unknown, G::always, To::stay, kPaceProgress, kSameWhy,
        "a progress nobody documented changes nothing", kUnknownProgress),

    // ---- Fetches ------------------------------------------------------------------------------------------
    fails(kProcessing, session_status_fetched, G::all_failed, Reason::accounts_failed,
        "every account failed, or there are no insights", kKeepPayload),
    row(kProcessing, session_status_fetched, G::always, To::stay, kKeepPayload | kFetchInsights | kNow, kSameWhy,
        "session status stored: fetch the insights"),
    row(kProcessing, insights_fetched, G::some_failed, To::enriched, kKeepPayload | kFinish, Why::enriched_partly,
        "insights stored; some accounts failed"),
    row(kProcessing, insights_fetched, G::always, To::enriched, kKeepPayload | kFinish, Why::enriched,
        "insights stored"),

    // ---- Refusals -----------------------------------------------------------------------------------------
    row(kProcessing, not_requested, G::may_ask_again, To::completed,
        kCountReinitiate | kAskUpload | kPatiently, Why::request_forgotten, "BankConnect knows of no request: ask for processing again", kRequestForgotten),
    fails(kProcessing, not_requested, G::always, Reason::refused,
        "BankConnect forgets the request every time"),
    fails(kProcessing, not_completed, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, not_completed, G::becomes_stalled, To::stay, kFlagStalled | kAskProgress | kPaceProgress,
        Why::stalled, "not finished for longer than `polling.stalled_after`"),
    row(kProcessing, not_completed, G::always, To::stay, kAskProgress | kPaceProgress, kSameWhy,
        "not finished after all: back to progress"),
    fails(kLive, unparsable, G::always, Reason::unparsable_statements,
        "BankConnect cannot read the statements"),
    fails(kLive, session_deleted, G::always, Reason::session_deleted, "the session was deleted"),
    fails(kLive, key_required, G::always, Reason::key_required,
        "BankConnect found no session id in the request: a mistake on this side"),
    fails(kLive, session_not_found, G::grace_over, Reason::session_not_found,
        "not found for `polling.not_found_grace`"),
    row(kNoUploads, session_not_found, G::always, To::stay, kMarkNotFound | kPaceUpload, Why::not_retrievable,
        "a session that cannot be retrieved counts as NO_UPLOADS"),
    row(kLive, session_not_found, G::always, To::stay, kMarkNotFound | kBackOff, kSameWhy,
        "it was there before: stay and ask again"),
    row(kExpired, refused, G::refused_initiate, To::expired, kFinish, Why::expired_refused,
        "an expired session is tried once"),
    row(kLive, refused, G::refusals_left, To::stay, kCountRefusal | kBackOff, kSameWhy,
        "refused with an undocumented code: a few more tries"),
    fails(kLive, refused, G::always, Reason::refused, "refused with an undocumented code every time"),

    // ---- Nobody's fault, or the account's -----------------------------------------------------------------
    row(kLive, account_refused, G::always, To::stay, kBackOff, kSameWhy,
        "credentials, plan or base URL: the account's trouble, no session fails for it"),
    row(kProcessing, slow_down, G::becomes_stalled, To::stay, kFlagStalled | kBackOff, Why::stalled,
        "no usable answer for longer than `polling.stalled_after`"),
    row(kLive, slow_down, G::always, To::stay, kBackOff, kSameWhy, "BankConnect asks for patience"),
    row(kProcessing, passing_fault, G::becomes_stalled, To::stay, kFlagStalled | kBackOff, Why::stalled,
        "no usable answer for longer than `polling.stalled_after`"),
    row(kLive, passing_fault, G::always, To::stay, kBackOff, kSameWhy,
        "no usable answer: ask again; initiate is asked again only on fresh evidence"),

    // ---- Hints and operators ------------------------------------------------------------------------------
    row(kLive, hint, G::always, To::stay, kMarkHint | kSoon, kSameWhy,
        "a webhook brings the next question forward"),
    row(kUploading | kProcessing, channel_changed, G::always, To::stay, kReplan, kSameWhy,
        "webhooks can be relied on more, or less: the planned question moves"),
    row(kBeforeInitiate, hold, G::not_initiating, To::stay, kHold, kSameWhy, "no initiate until release"),
    row(kBeforeInitiate, release, G::always, To::stay, kRelease | kNow, kSameWhy, "released: ask at once"),
    row(kCompleted | kExpired, process, G::always, To::stay, kRelease | kWantProcess | kNow, kSameWhy,
        "initiate on the next COMPLETED or EXPIRED answer"),
    row(kExpiredFinal, process, G::always, To::expired, kReopen | kRelease | kWantProcess | kNow, Why::expired,
        "reopened: initiate on the next EXPIRED answer"),
    row(kLive, poll, G::always, To::stay, kNow, kSameWhy, "ask now"),
    row(kExpiredFinal, retry, G::always, To::expired, kReopen | kNow, Why::expired, "reopened"),
    row(kFailed, retry, G::always, To::where_it_failed, kReopen | kNow, Why::reopened,
        "reopened where it failed"),
    // clang-format on
};

}  // namespace

std::span<const Row> table() {
  return kTable;
}

From standing(const Session& session) {
  if (session.live.fresh) return kFresh;
  switch (session.kept.state) {
    case State::no_uploads: return kNoUploads;
    case State::in_progress: return kInProgress;
    case State::completed: return kCompleted;
    case State::expired: return session.kept.final ? kExpiredFinal : kExpired;
    case State::processing: return kProcessing;
    case State::enriched: return kEnriched;
    case State::failed: return kFailed;
  }
  return kFailed;
}

std::string_view name(Guard guard) {
  switch (guard) {
    case G::always: return "";
    case G::initiate_wanted: return "initiate wanted";
    case G::expired_initiate_wanted: return "initiate wanted for an expired session";
    case G::expired_waits: return "held or left to an operator";
    case G::evidence_fresh: return "initiate next, evidence fresh";
    case G::not_initiating: return "not initiating";
    case G::first_attempt: return "first attempt";
    case G::followed_too_long: return "followed too long";
    case G::held_too_long: return "held too long";
    case G::grace_over: return "grace over";
    case G::timed_out: return "timed out";
    case G::becomes_stalled: return "becomes stalled";
    case G::may_ask_again: return "may ask again";
    case G::refusals_left: return "tries left";
    case G::refused_initiate: return "initiate was refused";
    case G::all_failed: return "all accounts failed";
    case G::some_failed: return "some accounts failed";
  }
  return "";
}

}  // namespace bankconnect
