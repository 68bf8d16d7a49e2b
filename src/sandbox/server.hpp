#pragma once

#include "src/sandbox/options.hpp"
#include "src/sandbox/scenario.hpp"

namespace bankconnect::sandbox {

// Serves until SIGTERM or SIGINT. Throws when it cannot begin (address taken, unreadable certificate).
void run_server(const Options& options, ScenarioFile scenarios);

}  // namespace bankconnect::sandbox
