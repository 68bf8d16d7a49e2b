#pragma once

#include "src/sandbox/options.hpp"
#include "src/sandbox/scenario.hpp"

namespace bankconnect::sandbox {

// Serves until SIGTERM or SIGINT. Throws if it cannot start (address in use, unreadable certificate).
void run_server(const Options& options, ScenarioFile scenarios);

}  // namespace bankconnect::sandbox
