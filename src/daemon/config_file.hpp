// What the configuration file and the `--set` options say: values, where they are written, and which of them
// could not be read.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/config.hpp"

namespace bankconnect::daemon {

/// Where a value is written.
struct Place {
  std::string source;  ///< the file, or `--set KEY=VALUE`
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// The keys that are given a value.
struct WrittenKeys {
  std::map<std::string, Place, std::less<>> places;  ///< of several, the one that wins
  std::set<std::string, std::less<>> refused;        ///< with an error already reported

  /// Keys with a malformed value, and what is wrong with it. Only the value that wins counts, so check_config
  /// reports it.
  std::map<std::string, std::string, std::less<>> malformed;

  /// None of these was refused: what they say together can be checked.
  bool accepted(std::initializer_list<std::string_view> names) const;
};

/// A mistake in the value of a key.
struct KeyError {
  std::string key;
  std::string message;  ///< follows the key's name and a blank
};

struct ReadConfig {
  Config config;
  WrittenKeys written;
  std::vector<ConfigError> errors;
  bool file_read = true;  ///< false: the file is not TOML or cannot be read, so what it sets is not known
};

ReadConfig read_config(const ConfigSources& sources);

/// The error at the key's place, or at the top of the file when the key has its default.
ConfigError located(const KeyError& error, const WrittenKeys& written, const std::string& file);

}  // namespace bankconnect::daemon
