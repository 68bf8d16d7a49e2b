// The table of configuration keys.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/config.hpp"

namespace bankconnect::daemon {

/// A value as the file gives it, freed from the TOML library.
using RawValue = std::variant<std::monostate, std::string, std::int64_t, bool, std::vector<std::string>>;

struct Key {
  std::string name;      ///< `section.key`
  std::string expected;  ///< what a value looks like, for messages and the reference
  std::string meaning;
  bool reloads = false;  ///< SIGHUP is enough
  /// Takes the value, or says why it cannot be one (empty: taken).
  std::function<std::string(Config&, const RawValue&)> take;
  /// The value as it would stand in the file.
  std::function<std::string(const Config&)> show;
};

const std::vector<Key>& keys();
const Key* find_key(std::string_view name);
/// The known key most like `name`, for "did you mean"; empty when none is near.
std::string nearest_key(std::string_view name);

}  // namespace bankconnect::daemon
