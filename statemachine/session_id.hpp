// A session id: the UUID that names a session everywhere.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bankconnect {

/// Sixteen bytes; written 8-4-4-4-12 in lower case.
struct SessionId {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const SessionId&) const =
      default;  // NOLINT(modernize-use-nullptr): a false positive of clang-tidy 14
  std::string text() const;

  /// Takes 8-4-4-4-12 hexadecimal digits in any letter case and nothing else: no braces, no blanks.
  static std::optional<SessionId> parse(std::string_view text);
};

/// For hash tables. The ids come from outside, so the hash is salted by the table that uses it.
std::size_t hash_of(const SessionId& id, std::uint64_t salt);

}  // namespace bankconnect
