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
  if (event.trigger == Trigger::session_status_fetched) {
    in_memory().accounts_failed = event.processing.failed > 0;
    in_memory().accounts_completed = event.processing.accounts > event.processing.failed;
    in_memory().error_beside_data = event.error_beside_data;
    in_memory().empty_fetches = 0;
    decision.persist.accounts = true;
  }
}

void Stepping::clear_not_found() {
  durable().not_found_since = kNoElapsed;
}

/// The answer follows the hint, unless the hint came after the question had left.
void Stepping::absorb_hint() {
  if (!in_memory().ask_again) durable().hinted_at = kNoWall;  // PLANT: hint-absorbed
}

void Stepping::absorb_upload_answer() {
  in_memory().observed = true;
  durable().upload_status = event.upload.status;
  if (event.upload.expires_at != kNoWall) durable().expires_at = event.upload.expires_at;
  if (event.upload.lists_accounts) {
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
