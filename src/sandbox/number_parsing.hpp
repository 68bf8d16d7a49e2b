#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// Accepts decimal digits only, with a minus if Number is signed.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Duration> parse_duration(std::string_view text);   // "500ms", "2s", "5m", "1h", "30d"
std::optional<std::uint64_t> parse_size(std::string_view text);  // "512B", "300KiB", "64MiB"

}  // namespace bankconnect::sandbox
