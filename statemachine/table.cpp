#include "statemachine/table.hpp"

#include <array>

namespace bankconnect {
namespace {

using enum Trigger;
using G = Guard;
using T = Target;
using N = Next;
using W = When;

/// What a row makes of the session's `why`.
struct NewWhy {
  constexpr NewWhy(Why given) : is(WhyIs::given), why(given) {}         // NOLINT(google-explicit-constructor)
  constexpr NewWhy(WhyIs computed) : is(computed), why(Why::failed) {}  // NOLINT(google-explicit-constructor)
  WhyIs is;
  Why why;
};

constexpr Row row(std::uint16_t from, Trigger trigger, Guard guard, Target to, Next next, When when,
                  std::uint32_t marks, NewWhy why, std::string_view text, Anomaly anomaly = kNoAnomaly) {
  return {from, trigger, guard, to, next, when, marks, why.is, why.why, anomaly, Reason::none, text};
}

constexpr Row fails(std::uint16_t from, Trigger trigger, Guard guard, Reason reason, std::string_view text,
                    std::uint32_t marks = kNothing) {
  Row failed = row(from, trigger, guard, T::failed, N::same, W::never, marks | kFinal, Why::failed, text);
  failed.reason = reason;
  return failed;
}

/// The question after the end is answered, and nothing changes.
constexpr Row answered(std::uint16_t from, Trigger trigger, Guard guard, std::string_view text) {
  return row(from, trigger, guard, T::stay, N::same, W::never, kAfterEndDone, WhyIs::unchanged, text);
}

constexpr std::array kTable = {
    // clang-format off
    // ---- Start -------------------------------------------------------------------------------------------
    row(kNew, submitted, G::always, T::no_uploads, N::same, W::now, kNothing,
        Why::submitted, "a session id is submitted: ask at once"),
    row(kLive | kAfterEnd | kReports, recovered, G::always, T::stay, N::same, W::spread, kNothing,
        WhyIs::unchanged, "after a restart every session is asked once, spread out"),

    // ---- Due ----------------------------------------------------------------------------------------------
    row(kCompleted | kExpired, due, G::held_too_long, T::stay, N::progress, W::in_this_step, kNothing,
        WhyIs::unchanged, "neither released nor processed within `polling.follow_for`: has somebody else had it processed?"),
    row(kCompleted | kExpired, due, G::evidence_fresh, T::stay, N::same, W::in_this_step, kNothing,
        WhyIs::unchanged, "the intent is durable and the evidence young: send initiate_processing"),
    row(kBeforeInitiate, due, G::always, T::stay, N::upload_status, W::in_this_step, kNothing,
        WhyIs::unchanged, "ask for the upload status"),
    row(kProcessing | kAfterEnd | kReports, due, G::always, T::stay, N::same, W::in_this_step, kNothing,
        WhyIs::unchanged, "ask for progress, session status or insights, whichever is next"),

    // ---- Answers to upload_status -------------------------------------------------------------------------
    fails(kUploading, upload_none, G::followed_too_long, Reason::not_followed_any_longer,
        "nothing happened for `polling.follow_for`"),
    row(kNoUploads, upload_none, G::always, T::stay, N::same, W::upload_pace, kNothing,
        Why::no_uploads, "still nothing uploaded"),
    row(kInProgress, upload_none, G::always, T::no_uploads, N::same, W::upload_pace, kNothing,
        Why::no_uploads, "what had been uploaded was removed"),
    row(kCompleted, upload_none, G::always, T::stay, N::same, W::upload_pace, kNothing,  // PLANT: completed-then-none-row
        WhyIs::waiting, "COMPLETED does not become NO_UPLOADS: recorded, no initiate on it",
        kCompletedThenNoUploads),
    fails(kUploading, upload_in_progress, G::followed_too_long, Reason::not_followed_any_longer,
        "uploads never completed within `polling.follow_for`"),
    row(kNoUploads, upload_in_progress, G::always, T::in_progress, N::same, W::upload_pace, kNothing,
        Why::in_progress, "uploads have begun"),
    row(kInProgress, upload_in_progress, G::always, T::stay, N::same, W::upload_pace, kNothing,
        Why::in_progress, "uploads go on"),
    row(kCompleted, upload_in_progress, G::always, T::in_progress, N::same, W::upload_pace, kNothing,
        Why::in_progress, "the user came back to add another bank"),
    row(kExpired, upload_none, G::always, T::stay, N::same, W::upload_pace, kNothing,
        WhyIs::unchanged, "EXPIRED does not open again: recorded, asked again", kExpiredThenOpen),
    row(kExpired, upload_in_progress, G::always, T::stay, N::same, W::upload_pace, kNothing,
        WhyIs::unchanged, "EXPIRED does not open again: recorded, asked again", kExpiredThenOpen),
    row(kUploading, upload_completed, G::initiate_wanted, T::completed, N::initiate, W::now, kIntend,
        Why::completed, "uploads are complete: make the intent to initiate durable, then initiate"),
    row(kUploading, upload_completed, G::always, T::completed, N::same, W::upload_pace, kNothing,
        WhyIs::waiting, "complete, but held, settling or left to an operator"),
    row(kExpired, upload_completed, G::initiate_wanted, T::stay, N::initiate, W::now, kIntend,
        Why::expired, "an expired session that is reported COMPLETED: initiate"),
    row(kExpired, upload_completed, G::always, T::stay, N::same, W::when_given_up, kNothing,
        WhyIs::waiting, "held or left to an operator"),
    row(kBeforeInitiate, upload_expired, G::end_doubted, T::stay, N::same, W::recheck, kNothing,
        Why::end_doubted, "expired without a statement, against its own expiry timestamp or what was uploaded: asked again"),
    row(kBeforeInitiate, upload_expired, G::expired_initiate_wanted, T::expired, N::initiate, W::now, kIntend,
        Why::expired, "expired with a statement, or an operator asked: try initiate once"),
    row(kBeforeInitiate, upload_expired, G::expired_waits, T::expired, N::same, W::when_given_up, kNothing,
        WhyIs::waiting, "expired with a statement, but held or left to an operator"),
    row(kBeforeInitiate, upload_expired, G::always, T::expired, N::same, W::never, kFinal,
        WhyIs::ended, "expired, and nothing in it to process (or `processing.expired_sessions` is `stop`)"),
    fails(kUploading, upload_unknown, G::followed_too_long, Reason::not_followed_any_longer,
        "no documented status within `polling.follow_for`"),
    row(kBeforeInitiate, upload_unknown, G::always, T::stay, N::same, W::upload_pace, kNothing,
        WhyIs::unchanged, "an undocumented status changes nothing", kUnknownUploadStatus),

    // ---- Answers to initiate ------------------------------------------------------------------------------
    row(kCompleted | kExpired, accepted, G::always, T::processing, N::progress, W::progress_pace, kAccepted,
        Why::processing, "BankConnect accepted the request"),
    row(kCompleted | kExpired, duplicate, G::first_attempt, T::processing, N::progress, W::progress_pace,
        kAccepted | kElsewhere, Why::requested_elsewhere, "another client had asked already"),
    row(kCompleted | kExpired, duplicate, G::always, T::processing, N::progress, W::progress_pace, kAccepted,
        Why::processing, "an earlier attempt of ours had arrived"),
    row(kCompleted | kExpired, not_sent, G::always, T::stay, N::upload_status, W::now, kNothing,
        WhyIs::unchanged, "the evidence was too old when the call could leave: ask for the upload status first"),

    // ---- Answers to progress ------------------------------------------------------------------------------
    row(kCompleted | kExpired, still_processing, G::always, T::processing, N::progress, W::progress_pace, kAccepted | kElsewhere,
        Why::requested_elsewhere, "another client had it processed"),
    row(kCompleted | kExpired, progress_finished, G::always, T::processing, N::session_status, W::now, kAccepted | kElsewhere,
        Why::requested_elsewhere, "another client had it processed: fetch the session status"),
    fails(kCompleted, not_requested, G::held_too_long, Reason::not_followed_any_longer,
        "COMPLETED, not released within `polling.follow_for`, and BankConnect knows of no request"),
    row(kExpired, not_requested, G::held_too_long, T::expired, N::same, W::never, kFinal,
        Why::expired_given_up, "neither released nor processed within `polling.follow_for`, and BankConnect knows of no request"),
    fails(kProcessing, still_processing, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, still_processing, G::becomes_stalled, T::stay, N::same, W::progress_pace, kStalled,
        Why::stalled, "processing takes longer than `polling.stalled_after`: flagged, asked less often"),
    row(kProcessing, still_processing, G::always, T::stay, N::same, W::progress_pace, kNothing,
        WhyIs::unchanged, "processing goes on"),
    row(kProcessing, progress_finished, G::always, T::stay, N::session_status, W::now, kNothing,
        WhyIs::unchanged, "processing ended: fetch the session status"),
    fails(kProcessing, progress_unknown, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, progress_unknown, G::becomes_stalled, T::stay, N::same, W::progress_pace, kStalled,
        Why::stalled, "an undocumented progress for longer than `polling.stalled_after`", kUnknownProgress),
    row(kProcessing, progress_unknown, G::always, T::stay, N::same, W::progress_pace, kNothing,
        WhyIs::unchanged, "an undocumented progress changes nothing", kUnknownProgress),

    // ---- Fetches ------------------------------------------------------------------------------------------
    row(kProcessing, session_status_fetched, G::end_doubted, T::stay, N::session_status, W::recheck, kNothing,
        Why::end_doubted, "no insights, although an account completed or is missing from the list: asked again"),
    fails(kProcessing, session_status_fetched, G::all_failed, Reason::accounts_failed,
        "every account failed, or there are no insights", kPayload),
    row(kProcessing, session_status_fetched, G::error_beside_data, T::stay, N::insights, W::now, kPayload,
        WhyIs::unchanged, "session status stored, an error beside it recorded: fetch the insights", kErrorBesideData),
    row(kProcessing, session_status_fetched, G::always, T::stay, N::insights, W::now, kPayload,  // PLANT: session-status-row
        WhyIs::unchanged, "session status stored: fetch the insights"),
    row(kProcessing, insights_fetched, G::accounts_may_follow, T::stay, N::same, W::empty_pause, kEmptyFetch,  // PLANT: empty-insights-row
        WhyIs::unchanged, "an account completed, and the insights do not list it yet: ask again"),
    row(kProcessing, insights_fetched, G::reports_linked, T::stay, N::insights, W::never, kPayload | kAwaitReports,  // PLANT: await-reports-row
        Why::awaiting_reports, "insights stored: the reports that they link to are fetched first"),
    row(kProcessing, insights_fetched, G::accounts_missing, T::enriched, N::same, W::never, kPayload | kFinal | kPartial,
        Why::enriched_without_accounts, "insights stored that never listed an account", kNoAccountsInInsights),
    row(kProcessing, insights_fetched, G::error_beside_data, T::enriched, N::same, W::never, kPayload | kFinal | kPartial,
        Why::enriched_beside_error, "insights stored; an error beside the data says that something is missing", kErrorBesideData),
    row(kProcessing, insights_fetched, G::some_failed, T::enriched, N::same, W::never, kPayload | kFinal | kPartial,
        Why::enriched_partly, "insights stored; some accounts failed"),
    row(kProcessing, insights_fetched, G::always, T::enriched, N::same, W::never, kPayload | kFinal,
        Why::enriched, "insights stored"),

    // ---- Reports ------------------------------------------------------------------------------------------
    row(kAwaitingReports, reports_fetched, G::always, T::enriched, N::same, W::never, kFinal | kReportsDone,
        WhyIs::enriched, "reports stored"),
    row(kAwaitingReports, reports_missing, G::always, T::enriched, N::same, W::never, kFinal | kReportsDone,
        WhyIs::enriched, "not all reports can be had, or not within `reports.patience`", kReportsMissing),
    row(kReportsAnew, reports_fetched, G::always, T::stay, N::same, W::never, kReportsDone,
        WhyIs::unchanged, "reports stored"),
    row(kReportsAnew, reports_missing, G::always, T::stay, N::same, W::never, kReportsDone,
        WhyIs::unchanged, "not all reports can be had, or not within `reports.patience`", kReportsMissing),
    row(kReports, report_link_expired, G::always, T::stay, N::insights, W::now, kNothing,
        WhyIs::unchanged, "fresh insights have links that are valid again"),
    row(kReports, insights_fetched, G::reports_linked, T::stay, N::same, W::never, kNothing,
        WhyIs::unchanged, "links to reports that are valid again; the insights stay as they are stored"),
    row(kReports, insights_fetched, G::always, T::stay, N::same, W::empty_pause, kEmptyFetch,
        WhyIs::unchanged, "no links this time: asked for again while the reports are waited for"),

    // ---- Refusals -----------------------------------------------------------------------------------------
    row(kProcessing, not_requested, G::may_ask_again, T::completed, N::upload_status, W::growing_pause,
        kReinitiate, Why::request_forgotten, "BankConnect knows of no request: ask for processing again", kRequestForgotten),
    fails(kProcessing, not_requested, G::always, Reason::refused,
        "BankConnect has known of no request for `polling.not_found_grace`, however often it was asked for"),
    fails(kProcessing, not_completed, G::timed_out, Reason::processing_timeout,
        "processing took longer than `polling.processing_timeout`"),
    row(kProcessing, not_completed, G::becomes_stalled, T::stay, N::progress, W::progress_pace, kStalled,
        Why::stalled, "not finished for longer than `polling.stalled_after`"),
    row(kProcessing, not_completed, G::always, T::stay, N::progress, W::progress_pace, kNothing,
        WhyIs::unchanged, "not finished yet: back to progress"),
    fails(kLive, unparsable, G::always, Reason::unparsable_statements,
        "BankConnect cannot read the statements"),
    fails(kLive, session_deleted, G::always, Reason::session_deleted,
        "the session was deleted"),
    fails(kLive, key_required, G::always, Reason::key_required,
        "BankConnect found no session id in the request: a mistake on this side"),
    fails(kLive, session_not_found, G::grace_over, Reason::session_not_found,
        "not found for `polling.not_found_grace`"),
    row(kNoUploads, session_not_found, G::always, T::stay, N::same, W::upload_pace, kNotFound,
        Why::not_retrievable, "a session that cannot be retrieved counts as NO_UPLOADS"),
    row(kLive, session_not_found, G::always, T::stay, N::same, W::back_off, kNotFound,
        WhyIs::unchanged, "it was there before: stay and ask again"),
    row(kExpired, refused, G::refused_initiate, T::expired, N::same, W::never, kFinal,
        Why::expired_refused, "an expired session is tried once"),
    row(kLive, refused, G::refusals_left, T::stay, N::same, W::back_off, kRefusal,
        WhyIs::unchanged, "refused with an undocumented code: a few more tries"),
    fails(kLive, refused, G::always, Reason::refused,
        "refused with an undocumented code every time"),

    // ---- Failures that say nothing of it -----------------------------------------------------------------
    row(kLive, account_refused, G::always, T::stay, N::same, W::back_off, kNothing,
        WhyIs::unchanged, "credentials, plan or base URL: concerns the account, no session fails for it"),
    row(kProcessing, slow_down, G::becomes_stalled, T::stay, N::same, W::back_off, kStalled,
        Why::stalled, "no usable answer for longer than `polling.stalled_after`"),
    row(kLive, slow_down, G::always, T::stay, N::same, W::back_off, kNothing,
        WhyIs::unchanged, "BankConnect asks to be called less often"),
    row(kProcessing, passing_fault, G::becomes_stalled, T::stay, N::same, W::back_off, kStalled,
        Why::stalled, "no usable answer for longer than `polling.stalled_after`"),
    row(kLive, passing_fault, G::always, T::stay, N::same, W::back_off, kNothing,
        WhyIs::unchanged, "no usable answer: ask again; initiate is asked again only on fresh evidence"),

    // ---- Hints and commands ------------------------------------------------------------------------------
    row(kLive, hint, G::always, T::stay, N::same, W::soon, kHint,  // PLANT: hint-row
        WhyIs::unchanged, "a webhook brings the next question forward"),
    row(kUploading | kProcessing, webhook_health_changed, G::always, T::stay, N::same, W::replanned, kNothing,
        WhyIs::unchanged, "webhooks can be relied on more, or less: the planned question moves"),
    row(kCompleted | kExpired, resumed, G::always, T::stay, N::same, W::now, kNothing,
        WhyIs::unchanged, "sessions of a restored copy may be initiated again: ask at once"),
    row(kLive | kAfterEnd | kReports, upstream_back, G::backing_off, T::stay, N::same, W::after_outage, kNothing,
        WhyIs::unchanged, "BankConnect answers again: what backed off is asked within one interval"),
    row(kLive | kAfterEnd | kReports, probe, G::always, T::stay, N::same, W::at_once, kNothing,
        WhyIs::unchanged, "one call has to leave, to see whether BankConnect answers again"),
    row(kBeforeInitiate, hold, G::not_initiating, T::stay, N::same, W::unchanged, kHold,
        WhyIs::unchanged, "no initiate until release"),
    row(kBeforeInitiate, release, G::always, T::stay, N::same, W::now, kRelease,
        WhyIs::unchanged, "released: ask at once"),
    row(kCompleted | kExpired, process, G::always, T::stay, N::same, W::now, kRelease | kWantProcess,
        WhyIs::unchanged, "initiate on the next COMPLETED or EXPIRED answer"),
    row(kExpiredFinal, process, G::always, T::expired, N::by_state, W::now, kReopen | kRelease | kWantProcess,
        Why::expired, "reopened: initiate on the next EXPIRED answer"),
    row(kLive, poll, G::always, T::stay, N::same, W::now, kNothing,  // PLANT: poll-row
        WhyIs::unchanged, "ask now"),
    row(kAwaitingReports, poll, G::always, T::stay, N::insights, W::now, kNothing,
        WhyIs::unchanged, "fetch fresh links now"),
    row(kReports, hint, G::always, T::stay, N::same, W::unchanged, kNothing,
        WhyIs::unchanged, "its data are stored already"),
    row(kExpiredFinal, retry, G::always, T::expired, N::by_state, W::now, kReopen,
        Why::expired, "reopened"),
    row(kFailed | kRechecked, retry, G::always, T::where_it_failed, N::by_state, W::now, kReopen,
        Why::reopened, "reopened where it failed"),

    // ---- Questions after the end -------------------------------------------------------------------------
    row(kEnriched, refresh, G::always, T::stay, N::by_state, W::now, kRefresh,
        WhyIs::unchanged, "fetch session status and insights anew; the old ones stay until both have come"),
    row(kRefreshing | kReportsAnew, refresh, G::always, T::stay, N::same, W::now, kNothing,
        WhyIs::unchanged, "a refresh is under way already: ask now"),
    answered(kRefreshing, session_status_fetched, G::all_failed, "no insights any more: the stored data stay"),
    row(kRefreshing, session_status_fetched, G::always, T::stay, N::insights, W::now, kSetAside,  // PLANT: refresh-status-row
        WhyIs::unchanged, "the new session status waits in memory for the insights"),
    row(kRefreshing, insights_fetched, G::asked_before, T::stay, N::same, W::now, kNothing,
        WhyIs::unchanged, "the answer to a question that was in flight when the refresh began"),
    row(kRefreshing, insights_fetched, G::accounts_may_follow, T::stay, N::same, W::empty_pause, kEmptyFetch,
        WhyIs::unchanged, "an account completed, and the insights do not list it yet: ask again"),
    row(kRefreshing, insights_fetched, G::less_than_stored, T::stay, N::same, W::never, kAfterEndDone,  // PLANT: less-than-stored-row
        WhyIs::unchanged, "the new data lack what the stored ones have: those stay"),
    row(kRefreshing, insights_fetched, G::error_beside_data, T::stay, N::same, W::never, kAfterEndDone | kRefreshed | kPartial,
        Why::enriched_beside_error, "new data stored with an error beside them, as the old ones"),
    row(kRefreshing, insights_fetched, G::some_failed, T::stay, N::same, W::never, kAfterEndDone | kRefreshed | kPartial,
        Why::enriched_partly, "new data stored; some accounts failed"),
    row(kRefreshing, insights_fetched, G::always, T::stay, N::same, W::never, kAfterEndDone | kRefreshed,
        Why::enriched, "new data stored"),
    row(kFailed, hint, G::failed_by_clock, T::stay, N::by_state, W::soon, kRecheck,  // PLANT: late-webhook-row
        WhyIs::unchanged, "an enrichment webhook for a session given up by our clock: ask whether it has finished"),
    row(kRechecked, hint, G::always, T::stay, N::same, W::unchanged, kNothing,
        WhyIs::unchanged, "its question is to leave already"),
    row(kRechecked, progress_finished, G::failed_in_processing, T::processing, N::session_status, W::now, kReopen,
        Why::processing, "it has finished after all: reopened, fetch the session status"),
    row(kRechecked, progress_finished, G::always, T::processing, N::session_status, W::now, kReopen | kAccepted | kElsewhere,
        Why::requested_elsewhere, "another client had it processed: reopened, fetch the session status"),
    answered(kRechecked, still_processing, G::always, "it has not finished: it stays FAILED; a webhook an hour later asks again"),
    answered(kRechecked, progress_unknown, G::always, "an undocumented progress: it stays FAILED"),
    answered(kAfterEnd, not_requested, G::always, "BankConnect knows of no request: nothing changes"),
    answered(kAfterEnd, not_completed, G::always, "not finished: nothing changes"),
    answered(kAfterEnd, unparsable, G::always, "refused: nothing changes"),
    answered(kAfterEnd, session_not_found, G::always, "not found any more: nothing changes"),
    answered(kAfterEnd, session_deleted, G::always, "deleted at BankConnect: nothing changes"),
    answered(kAfterEnd, key_required, G::always, "BankConnect found no session id in the request: nothing changes"),
    answered(kAfterEnd, refused, G::always, "refused with an undocumented code: nothing changes"),
    answered(kAfterEnd, account_refused, G::tried_long_enough, "the account was refused all the time: nothing changes"),
    row(kAfterEnd, account_refused, G::always, T::stay, N::by_state, W::back_off, kNothing,
        WhyIs::unchanged, "credentials, plan or base URL: tried again for a while"),
    answered(kAfterEnd, slow_down, G::tried_long_enough, "BankConnect asked to be called less often all the time: nothing changes"),
    row(kAfterEnd, slow_down, G::always, T::stay, N::by_state, W::back_off, kNothing,
        WhyIs::unchanged, "BankConnect asks to be called less often: tried again for a while"),
    answered(kAfterEnd, passing_fault, G::tried_long_enough, "no usable answer all the time: nothing changes"),
    row(kAfterEnd, passing_fault, G::always, T::stay, N::by_state, W::back_off, kNothing,
        WhyIs::unchanged, "no usable answer: tried again for a while, from the first call on"),
    // clang-format on
};
}  // namespace

std::span<const Row> table() {
  return kTable;
}

}  // namespace bankconnect
