// Checks of values that depend on one another, or on more than their type.
#pragma once

#include <vector>

#include "src/daemon/config_file.hpp"

namespace bankconnect::daemon {

/// Skips values that were refused already: their keys still have the value from before.
std::vector<KeyError> check_config(const Config& config, const WrittenKeys& written);

/// What can be used and is probably not meant.
std::vector<KeyError> doubtful_config(const Config& config, const std::string& proxy_variable);

}  // namespace bankconnect::daemon
