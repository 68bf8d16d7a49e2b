// The plan of a session, as moments.
#pragma once

#include <optional>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// The moments at which the plan turns. A missing one never comes.
struct Timeline {
  std::optional<Instant> begun;
  std::optional<Instant> completed;
  std::optional<Instant> reopened;
  std::optional<Instant> completed_again;
  std::optional<Instant> expires;
};

Timeline timeline_of(const Scenario& scenario, const SessionHistory& history);
bool reached(const std::optional<Instant>& moment, Instant now);

// What the plan alone says; a hand's moves and requests for processing go before it.
UploadStatus planned_status(const Timeline& timeline, Instant now);

// When processing was asked for, by initiate or by somebody else, as far as that has happened by `now`.
std::optional<Instant> requested_at(const Scenario& scenario, const SessionHistory& history,
                                    const Timeline& timeline, Instant now);

// When processing that was asked for then ends. Nothing: it never does.
std::optional<Instant> processed_at(const Scenario& scenario, const SessionHistory& history,
                                    Instant requested);

}  // namespace bankconnect::sandbox
