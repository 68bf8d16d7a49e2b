// The contents of a scenario file: how sessions and the server behave.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/sandbox/fault.hpp"
#include "src/sandbox/name_table.hpp"
#include "src/sandbox/time_format.hpp"
#include "src/sandbox/webhook_fault.hpp"

namespace bankconnect::sandbox {

enum class UploadStatus { no_uploads, in_progress, completed, expired };

inline constexpr NameTable<UploadStatus, 4> kUploadStatusNames{{{"no_uploads", UploadStatus::no_uploads},
                                                                {"in_progress", UploadStatus::in_progress},
                                                                {"completed", UploadStatus::completed},
                                                                {"expired", UploadStatus::expired}}};

// The user returns to upload another bank: COMPLETED, IN_PROGRESS for a while, COMPLETED again.
struct Reopening {
  Duration after{};
  Duration lasts{};
};

enum class ProgressEnd { completed, failed, never };

inline constexpr NameTable<ProgressEnd, 3> kProgressEndNames{
    {{"completed", ProgressEnd::completed}, {"failed", ProgressEnd::failed}, {"never", ProgressEnd::never}}};

enum class InitiateRule { accept, unparsable, already_requested, refuse };

inline constexpr NameTable<InitiateRule, 3> kInitiateRuleNames{
    {{"accept", InitiateRule::accept},
     {"unparsable", InitiateRule::unparsable},
     {"already_requested", InitiateRule::already_requested}}};

// The answer of `initiate` with InitiateRule::refuse.
struct Refusal {
  int status = 400;
  std::string code;
  std::string message;
};

struct AccountPlan {
  std::string bank = "axis";
  std::string name = "ANANDA P";
  std::string number;  // empty: derived from the session
  bool failed = false;
  int statements = 1;
  bool missing_data = false;
  bool reopened = false;  // uploaded only when the session is reopened
  std::string error_code;
  std::string error_message;
  std::string statement_error_code;
  std::string statement_error_message;
};

// The status names and the event name in answers and webhooks.
struct Spelling {
  std::string no_uploads = "NO_UPLOADS";
  std::string in_progress = "IN_PROGRESS";
  std::string completed = "COMPLETED";
  std::string expired = "EXPIRED";
  std::string progress_processing = "processing";
  std::string progress_completed = "completed";
  std::string progress_failed = "failed";
  std::string account_partial = "PARTIAL";
  std::string account_uploaded = "COMPLETED";
  std::string account_completed = "completed";
  std::string account_failed = "failed";
  std::string completion_event = "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";
};

// The format of completion and expiry webhooks: as documented today, or as in 2024.
enum class WebhookBody { current, older };

inline constexpr NameTable<WebhookBody, 2> kWebhookBodyNames{
    {{"current", WebhookBody::current}, {"2024", WebhookBody::older}}};

// How a session develops over time. A missing duration means "never".
struct Scenario {
  Duration no_uploads = std::chrono::seconds{1};
  Duration in_progress = std::chrono::seconds{2};
  UploadStatus then = UploadStatus::completed;
  std::optional<Reopening> reopened;
  std::optional<Duration> expires_in = std::chrono::hours{1};

  std::optional<Duration> found_after;
  std::optional<Duration> deleted_after;
  std::optional<Duration> vanishes_after;

  InitiateRule initiate = InitiateRule::accept;
  Refusal refusal;
  int duplicate_status = 409;
  int forgets_request = 0;

  Duration processing = std::chrono::seconds{3};
  Duration stalls{};
  ProgressEnd progress_end = ProgressEnd::completed;

  std::vector<AccountPlan> accounts{AccountPlan{}};
  std::optional<bool> insights_available = true;  // std::nullopt: the field is absent
  std::uint64_t insights_size = 16 * 1024;
  std::optional<Duration> report_links;  // how long those in the insights are valid; none: they lead nowhere

  Spelling spelling;
  std::vector<Fault> faults;
  WebhookBody webhook_body = WebhookBody::current;
  std::vector<WebhookFault> webhook_faults;
};

struct PlannedSession {
  std::string id;
  std::string scenario;
  std::string link_id;
};

struct ServerSettings {
  Duration keep_alive = std::chrono::seconds{75};
  int max_requests_per_connection = 0;  // 0: no limit
  bool chunked = false;
};

struct ScenarioFile {
  std::string default_scenario = "complete";
  std::map<std::string, Scenario, std::less<>> scenarios{{"complete", Scenario{}}};
  std::vector<PlannedSession> sessions;
  std::vector<Fault> faults;
  std::vector<WebhookFault> webhook_faults;
  ServerSettings server;
};

}  // namespace bankconnect::sandbox
