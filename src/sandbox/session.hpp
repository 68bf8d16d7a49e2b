// A session as the stand-in knows it: what happened to it so far, and the truth about it at any time.
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

// A status somebody put the session into through the control calls; the scenario's own plan then rests.
struct StatusOverride {
  UploadStatus from = UploadStatus::no_uploads;
  UploadStatus status = UploadStatus::no_uploads;
  Instant at;
  std::optional<Instant> uploads_since;
  std::optional<Instant> reopened_since;
};

// All that ever happened to a session. Together with its scenario and the time this says everything.
struct SessionHistory {
  Instant created;
  std::optional<Duration> expires_in;  // asked for when the session was created; else the scenario's
  std::optional<StatusOverride> status_override;
  std::optional<Instant> requested;  // initiate was accepted
  std::optional<Instant> processed;  // processing ended by hand
  std::optional<Instant> deleted;    // deleted by hand
  int forgotten = 0;                 // accepted requests that were lost again
};

enum class Presence { present, not_found, deleted };

inline constexpr NameTable<Presence, 3> kPresenceNames{
    {{"present", Presence::present}, {"not_found", Presence::not_found}, {"deleted", Presence::deleted}}};

// `stalled`: every statement is done, and yet the session goes on saying "processing".
enum class Processing { not_requested, processing, stalled, completed, failed };

inline constexpr NameTable<Processing, 5> kProcessingNames{{{"not_requested", Processing::not_requested},
                                                            {"processing", Processing::processing},
                                                            {"stalled", Processing::stalled},
                                                            {"completed", Processing::completed},
                                                            {"failed", Processing::failed}}};

// What is true of a session at one moment.
struct SessionState {
  Presence presence = Presence::present;
  UploadStatus upload_status = UploadStatus::no_uploads;
  std::optional<Instant> uploads_since;   // accounts and statements exist
  std::optional<Instant> reopened_since;  // so do those of the second visit
  std::optional<Instant> expires;
  std::optional<Instant> requested;
  Instant changed;  // when any of this last turned; answers do not differ in between
  Processing processing = Processing::not_requested;
};

SessionState state_at(const Scenario& scenario, const SessionHistory& history, Instant now);

// What a look at the upload status shows, in the request log's words.
std::string_view status_name(const SessionState& state);

// The event of putting a session into a status by hand.
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
