// A session: its history, and its state at any time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "src/sandbox/scenario.hpp"

namespace bankconnect::sandbox {

struct DateRange {
  Date from;
  Date to;
};

// A status set through the admin API. It replaces the plan of the scenario.
struct StatusOverride {
  UploadStatus from = UploadStatus::no_uploads;
  UploadStatus status = UploadStatus::no_uploads;
  Instant at;
  std::optional<Instant> uploads_since;
  std::optional<Instant> reopened_since;
};

// What happened to a session. Its state is a function of this, its scenario and the time.
struct SessionHistory {
  Instant created;
  std::optional<Duration> expires_in;  // from create_session; else that of the scenario applies
  std::optional<StatusOverride> status_override;
  std::optional<Instant> requested;  // when initiate was accepted
  std::optional<Instant> processed;  // when the admin API ended processing
  std::optional<Instant> deleted;    // when the admin API deleted the session
  int forgotten = 0;                 // number of accepted requests lost through forgets_request
};

enum class Presence { present, not_found, deleted };

inline constexpr NameTable<Presence, 3> kPresenceNames{
    {{"present", Presence::present}, {"not_found", Presence::not_found}, {"deleted", Presence::deleted}}};

// `stalled`: all statements are done, but the session still says "processing".
enum class Processing { not_requested, processing, stalled, completed, failed };

inline constexpr NameTable<Processing, 5> kProcessingNames{{{"not_requested", Processing::not_requested},
                                                            {"processing", Processing::processing},
                                                            {"stalled", Processing::stalled},
                                                            {"completed", Processing::completed},
                                                            {"failed", Processing::failed}}};

// The state of a session at one moment.
struct SessionState {
  Presence presence = Presence::present;
  UploadStatus upload_status = UploadStatus::no_uploads;
  std::optional<Instant> uploads_since;   // since when accounts exist
  std::optional<Instant> reopened_since;  // since when those with `reopened` exist, too
  std::optional<Instant> expires;
  std::optional<Instant> requested;
  Instant changed;  // the last change of the state; answers are the same until the next one
  Processing processing = Processing::not_requested;
};

SessionState state_at(const Scenario& scenario, const SessionHistory& history, Instant now);

// The upload status, or the presence of an absent session, as the request log writes it.
std::string_view status_name(const SessionState& state);

// The override for setting `status` at `now`.
StatusOverride override_status(const SessionState& before, UploadStatus status, Instant now);

struct Session {
  std::string id;
  std::string link_id;
  DateRange range;
  std::string scenario_name;
  const Scenario* scenario = nullptr;
  SessionHistory history;
  std::array<int, kCallCount> calls{};
  int calls_of_all = 0;
  int accepted_initiates = 0;
};

}  // namespace bankconnect::sandbox
