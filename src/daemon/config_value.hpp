// What the configuration is read from: files, and values as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "statemachine/moment.hpp"

namespace bankconnect::daemon {

/// A value as the file gives it, without the TOML library's types; monostate: of a type that no key has.
using RawValue = std::variant<std::monostate, std::string, std::int64_t, bool, std::vector<std::string>>;

/// As a TOML string.
std::string in_quotes(std::string_view text);

/// `500ms`, `2s`, `5m`, `1h`, `30d`: a whole number and a unit.
std::optional<Duration> parse_duration(std::string_view text);
/// The shortest of those forms that is exact.
std::string show_duration(Duration duration);

/// `64MiB`, `16KiB`, `1GiB`, `512B`.
std::optional<std::int64_t> parse_size(std::string_view text);
std::string show_size(std::int64_t bytes);

struct FileText {
  std::string text;
  int error = 0;  ///< of errno; 0: the text is whole
};
/// The whole file; a folder is an error like any other.
FileText read_text(const std::string& path);

/// The Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace bankconnect::daemon
