// The planned times of a session.
#pragma once

#include <optional>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// When the planned status changes. A missing time means never.
struct Timeline {
  std::optional<Instant> begun;
  std::optional<Instant> completed;
  std::optional<Instant> reopened;
  std::optional<Instant> completed_again;
  std::optional<Instant> expires;
};

Timeline timeline_of(const Scenario& scenario, const SessionHistory& history);
bool reached(const std::optional<Instant>& moment, Instant now);

// The status by plan, which an override and a request for processing take precedence over.
UploadStatus planned_status(const Timeline& timeline, Instant now);

// When processing was requested, by `initiate` or by another client; std::nullopt: not yet at `now`.
std::optional<Instant> requested_at(const Scenario& scenario, const SessionHistory& history,
                                    const Timeline& timeline, Instant now);

// When processing requested at `requested` ends; std::nullopt: never.
std::optional<Instant> processed_at(const Scenario& scenario, const SessionHistory& history,
                                    Instant requested);

}  // namespace bankconnect::sandbox
