// The names of conditions, calls and times, for the documentation of the transition table.
#include "statemachine/table.hpp"

namespace bankconnect {

std::string_view to_string(Guard guard) {
  switch (guard) {
    case Guard::always: return "";
    case Guard::initiate_wanted: return "initiate wanted";
    case Guard::expired_initiate_wanted: return "initiate wanted for an expired session";
    case Guard::expired_waits: return "held or left to an operator";
    case Guard::evidence_fresh: return "initiate next, evidence fresh";
    case Guard::not_initiating: return "not initiating";
    case Guard::first_attempt: return "first attempt";
    case Guard::followed_too_long: return "followed too long";
    case Guard::held_too_long: return "held too long";
    case Guard::grace_over: return "grace over";
    case Guard::timed_out: return "timed out";
    case Guard::becomes_stalled: return "becomes stalled";
    case Guard::may_ask_again: return "may ask again";
    case Guard::refusals_left: return "tries left";
    case Guard::refused_initiate: return "initiate was refused";
    case Guard::all_failed: return "all accounts failed";
    case Guard::some_failed: return "some accounts failed";
    case Guard::error_beside_data: return "an error beside the data";
    case Guard::accounts_may_follow: return "accounts may follow";
    case Guard::accounts_missing: return "accounts missing";
    case Guard::end_doubted: return "end doubted";
    case Guard::backing_off: return "backing off";
    case Guard::failed_by_clock: return "failed by a time limit, not asked lately";
    case Guard::tried_long_enough: return "tried long enough";
    case Guard::less_than_stored: return "less than is stored";
    case Guard::failed_in_processing: return "failed in PROCESSING";
    case Guard::reports_linked: return "reports are linked";
    case Guard::asked_before: return "asked before";
  }
  return "";
}

std::string_view to_string(Next next) {
  switch (next) {
    case Next::same: return "";
    case Next::upload_status: return "upload_status";
    case Next::initiate: return "initiate";
    case Next::progress: return "progress";
    case Next::session_status: return "session_status";
    case Next::insights: return "insights";
    case Next::by_state: return "by state";
  }
  return "";
}

std::string_view to_string(When when) {
  switch (when) {
    case When::unchanged: return "";
    case When::in_this_step: return "in this step";
    case When::now: return "now";
    case When::soon: return "soon";
    case When::upload_pace: return "upload interval";
    case When::progress_pace: return "progress interval";
    case When::back_off: return "back-off";
    case When::growing_pause: return "growing pause";
    case When::empty_pause: return "pause, doubled each time";
    case When::recheck: return "recheck interval";
    case When::when_given_up: return "when given up";
    case When::spread: return "spread";
    case When::replanned: return "replanned";
    case When::after_outage: return "after the outage";
    case When::at_once: return "at once";
    case When::never: return "never";
  }
  return "";
}

}  // namespace bankconnect
