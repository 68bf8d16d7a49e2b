#pragma once

#include <string>
#include <string_view>

#include "src/sandbox/scenario.hpp"
#include "src/sandbox/toml_reader.hpp"

namespace bankconnect::sandbox {

// Both throw ScenarioError; `file` is the name it tells.
ScenarioFile parse_scenarios(std::string_view text, const std::string& file);
ScenarioFile load_scenarios(const std::string& file);

// A [[fault]] table, of a scenario or of all sessions.
Fault read_fault(TomlReader& reader);

// A [[webhook_fault]] table, likewise.
WebhookFault read_webhook_fault(TomlReader& reader);

}  // namespace bankconnect::sandbox
