// What can happen to a session. A timer and an operator's command are events like any answer.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "statemachine/answer_rules.hpp"
#include "statemachine/upload_rules.hpp"
#include "statemachine/webhook_health.hpp"

namespace bankconnect {

/// The values are stored in the database: never renumber them.
enum class Trigger : std::uint8_t {
  submitted,
  recovered,  ///< read back after a restart
  due,        ///< it is time to ask, and a call may leave

  // Answers to upload_status.
  upload_none,
  upload_in_progress,
  upload_completed,
  upload_expired,
  upload_unknown,  ///< an undocumented spelling

  // Answers to initiate.
  accepted,
  duplicate,
  not_sent,  ///< the evidence was too old when the call could have been written

  // Answers to progress.
  still_processing,
  progress_finished,
  progress_unknown,

  // Fetches.
  session_status_fetched,
  insights_fetched,

  // Refusals and faults, of any call.
  not_requested,
  not_completed,
  unparsable,
  session_not_found,
  session_deleted,
  key_required,
  account_refused,
  slow_down,
  passing_fault,
  refused,

  hint,  ///< a webhook named this session; it says when to ask, never what is true

  // Operators.
  hold,
  release,
  process,
  poll,
  retry,

  webhook_health_changed,  ///< webhooks can be relied on more, or less, than before
  upstream_back,           ///< calls go through again after an outage or a pause
  probe,                   ///< a call has to leave now, to see whether BankConnect answers again

  refresh,  ///< an operator wants the data of an ENRICHED session anew

  // Only in the event log: how a refresh ended.
  refreshed,
  refresh_refused,

  resumed,  ///< sessions of a restored copy may be initiated again

  // Reports, which other hosts than BankConnect's serve.
  reports_fetched,     ///< all of them are stored
  reports_missing,     ///< some cannot be had, or their timeout is over
  report_link_expired  ///< fresh insights have links that are valid again
};
inline constexpr Trigger kLastTrigger = Trigger::report_link_expired;
inline constexpr std::uint8_t kTriggerCount = static_cast<std::uint8_t>(kLastTrigger) + 1;

std::string_view to_string(Trigger);

/// Whether the trigger is an answer to an upload-status question.
constexpr bool is_upload_answer(Trigger t) {
  return t >= Trigger::upload_none && t <= Trigger::upload_unknown;
}
/// Whether the trigger comes from a call to BankConnect (answered or not).
constexpr bool is_call_result(Trigger t) {
  return t >= Trigger::upload_none && t <= Trigger::refused;
}
constexpr bool is_command(Trigger t) {
  return (t >= Trigger::hold && t <= Trigger::retry) || t == Trigger::refresh;
}

/// The trigger of a refused call; there is none for `Refusal::none`, which must not be passed.
Trigger trigger_of(Refusal refusal);
Trigger trigger_of(UploadStatus status);

/// `insights_available` of a session_status answer.
enum class InsightsAvailable : std::uint8_t { absent, yes, no };

/// What a session_status answer says about the accounts.
struct ProcessingFacts {
  std::uint32_t accounts = 0;
  std::uint32_t failed = 0;
  InsightsAvailable insights_available = InsightsAvailable::absent;
};

struct Event {
  Trigger trigger = Trigger::due;
  Call call = Call::upload_status;  ///< the call that was answered, for call results
  UploadFacts upload;               ///< for answers to upload_status
  Duration age{0};                  ///< for answers: its age, at most
  ProcessingFacts processing;       ///< for session_status_fetched
  bool error_beside_data = false;   ///< for fetches: an error code came with the data
  bool lists_no_account = false;    ///< for insights_fetched: `accounts` is empty
  bool links_reports = false;       ///< for insights_fetched: it links to reports that are to be fetched
  bool may_have_arrived = true;     ///< for passing_fault: false when nothing was sent at all
  Duration retry_after{0};          ///< for slow_down; zero when BankConnect named none
  bool refused_alone = false;       ///< for account_refused: only this session is refused, repeatedly
  std::uint32_t statement_progress =
      0;  ///< for answers to progress: fingerprint of what it says of statements
  NotificationSet hinted = kAnyNotification;  ///< for hint: what it may be about
  std::uint32_t jitter = 0;                   ///< randomness of this step, uniform over all values
};

}  // namespace bankconnect
