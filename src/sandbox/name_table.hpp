#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bankconnect::sandbox {

// A value and its name in scenario files, in the admin API and in the request log.
template <typename Value>
struct NamedValue {
  std::string_view name;
  Value value;
};

template <typename Value, std::size_t N>
using NameTable = std::array<NamedValue<Value>, N>;

template <typename Value, std::size_t N>
constexpr std::string_view name_of(const NameTable<Value, N>& names, Value value) {
  for (const auto& named : names) {
    if (named.value == value) return named.name;
  }
  return {};
}

template <typename Value, std::size_t N>
constexpr std::optional<Value> value_of(const NameTable<Value, N>& names, std::string_view name) {
  for (const auto& named : names) {
    if (named.name == name) return named.value;
  }
  return std::nullopt;
}

// "a", "b" or "c", for error messages.
template <typename Value, std::size_t N>
std::string one_of(const NameTable<Value, N>& names) {
  std::string text;
  for (std::size_t i = 0; i < N; ++i) {
    if (i > 0) text += i + 1 == N ? " or " : ", ";
    text += '"';
    text += names[i].name;
    text += '"';
  }
  return text;
}

}  // namespace bankconnect::sandbox
