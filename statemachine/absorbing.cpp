// What an answer changes in its session, whichever row of the table it takes.
#include <utility>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"
#include "statemachine/stepping.hpp"

namespace bankconnect {

void Stepping::absorb_call_result() {
  in_memory().in_flight = false;
  planned = std::exchange(in_memory().planned, kNever);
  switch (event.trigger) {
    case Trigger::passing_fault:
      // The request may have arrived: from here on "duplicate" may mean us.
      if (event.call == Call::initiate && event.may_have_arrived) in_memory().repeat_attempt = true;
      break;
    case Trigger::slow_down:
    case Trigger::account_refused:
    case Trigger::not_sent: break;
    case Trigger::refused:
    case Trigger::session_not_found: absorb_hint(); break;
    default:
      absorb_hint();
      // Success of another call proves nothing: upload_status may work for ever while initiate fails.
      if (event.call == in_memory().failed_call) in_memory().attempts = 0;
      if (event.call == in_memory().refusals.call) in_memory().refusals.count = 0;
      if (event.call == in_memory().not_found_call) clear_not_found();
  }
  if (is_upload_answer(event.trigger)) absorb_upload_answer();
  if (event.trigger == Trigger::accepted || event.trigger == Trigger::duplicate)
    in_memory().enrichment_found = false;
  if (event.trigger == Trigger::accepted || event.trigger == Trigger::still_processing)
    in_memory().observed = true;
  // Processing may have ended long ago.
  if (event.trigger == Trigger::duplicate) in_memory().observed = false;
  absorb_request_evidence();
  if (event.trigger == Trigger::session_status_fetched) {
    const ProcessingFacts& facts = event.processing;
    const bool refreshing = durable().state == State::enriched;
    if (!refreshing)
      doubt(all_failed(facts) && (facts.failed < facts.accounts || facts.accounts < durable().accounts));
    in_memory().accounts_failed = event.processing.failed > 0;
    in_memory().accounts_completed = event.processing.accounts > event.processing.failed;
    in_memory().error_beside_data = event.error_beside_data;
    in_memory().empty_fetches = 0;
    decision.persist.accounts = !refreshing;
  }
  if (event.statement_progress != 0 && event.statement_progress != durable().progress_fingerprint) {
    durable().progress_fingerprint = event.statement_progress;
    decision.persist.accounts = true;
  }
}

void Stepping::end_doubt() {
  durable().doubted_since = kNoElapsed;
  in_memory().doubts = 0;
}

/// A host of BankConnect that is behind knows of no request that another one has accepted.
void Stepping::absorb_request_evidence() {
  if (durable().final) return;
  switch (event.trigger) {
    case Trigger::not_requested:
      if (durable().state == State::processing && durable().not_requested_since == kNoElapsed)
        durable().not_requested_since = now.elapsed;
      break;
    case Trigger::duplicate:
    case Trigger::still_processing:
    case Trigger::progress_finished:
    case Trigger::not_completed:
    case Trigger::session_status_fetched:
    case Trigger::insights_fetched:
      durable().not_requested_since = kNoElapsed;
      durable().reinitiates = 0;  // PLANT: request-known
      break;
    default: break;
  }
}

/// An end in doubt counts once the answers have said so for long enough, and often enough: between two of
/// them BankConnect may have been away for an hour.
void Stepping::doubt(bool contradicts) {
  const Elapsed since = durable().doubted_since;
  if (!contradicts) end_doubt();
  std::uint8_t& doubts = in_memory().doubts;
  if (contradicts && doubts < UINT8_MAX) ++doubts;
  const bool lasted = since != kNoElapsed && now.elapsed - since >= policy.doubt_for;
  const bool confirmed = lasted && doubts >= policy.doubts_needed;
  in_memory().end_doubted = contradicts && !confirmed;  // PLANT: doubt
  if (in_memory().end_doubted && since == kNoElapsed) durable().doubted_since = now.elapsed;
}

void Stepping::clear_not_found() {
  durable().not_found_since = kNoElapsed;
}

/// The answer follows the hint, unless the hint came after the question had left.
void Stepping::absorb_hint() {
  if (durable().final) return;
  if (!in_memory().ask_again) durable().hinted_at = kNoWall;  // PLANT: hint-absorbed
}

void Stepping::absorb_upload_answer() {
  in_memory().observed = true;
  durable().upload_status = event.upload.status;
  if (event.upload.expires_at != kNoWall) durable().expires_at = event.upload.expires_at;
  doubt(!durable().process_wanted && expiry_doubtful(event.upload, durable().statements, now.wall));
  if (event.upload.lists_accounts && !in_memory().end_doubted) {
    durable().accounts = event.upload.accounts;
    durable().statements = event.upload.statements;
    decision.persist.accounts = durable().fingerprint != event.upload.fingerprint;
    durable().fingerprint = event.upload.fingerprint;
  }
  const bool evidence =
      event.trigger == Trigger::upload_completed || event.trigger == Trigger::upload_expired;
  const Elapsed answered_at = now.elapsed - event.age;  // PLANT: answer-age
  in_memory().evidence_at = evidence ? answered_at : kNoElapsed;
  if (const auto expected = contradiction(event.upload, now.wall)) {
    record(kContradictsRules);
    if (decision.anomalies != kNoAnomaly) decision.rules_say = expected;
  }
}

}  // namespace bankconnect
