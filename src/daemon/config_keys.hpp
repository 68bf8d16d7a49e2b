// The table of configuration keys.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/config.hpp"
#include "src/daemon/config_value.hpp"

namespace bankconnect::daemon {

/// Why a value was not set.
struct ValueError {
  std::string message;     ///< what would be right, or what is wrong
  bool malformed = false;  ///< of the right type, but its text cannot be parsed
};

struct Key {
  std::string name;      ///< `section.key`
  std::string expected;  ///< what a value looks like, for messages and the reference
  std::string meaning;
  bool reloads = false;  ///< SIGHUP is enough

  /// Sets the value, or returns why not.
  std::function<std::optional<ValueError>(Config&, const RawValue&)> read;
  /// The value as TOML.
  std::function<std::string(const Config&)> show;
  /// Whether both have the same value.
  std::function<bool(const Config&, const Config&)> same;
};

const std::vector<Key>& keys();
const Key* find_key(std::string_view name);
/// The known key most like `name`, for "did you mean"; empty when none is similar.
std::string nearest_key(std::string_view name);

}  // namespace bankconnect::daemon
