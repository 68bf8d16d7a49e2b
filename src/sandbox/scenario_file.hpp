#pragma once

#include <string>
#include <string_view>

#include "src/sandbox/scenario.hpp"
#include "src/sandbox/toml_reader.hpp"

namespace bankconnect::sandbox {

// Both throw ScenarioError, which names `file`.
ScenarioFile parse_scenarios(std::string_view text, const std::string& file);
ScenarioFile load_scenarios(const std::string& file);

// A [[fault]] table, of a scenario or at the top level.
Fault read_fault(TomlReader& reader);

// A [[webhook_fault]] table, of a scenario or at the top level.
WebhookFault read_webhook_fault(TomlReader& reader);

}  // namespace bankconnect::sandbox
