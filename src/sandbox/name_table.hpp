#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bankconnect::sandbox {

// A value and how scenario files, answers to the control calls and the request log spell it.
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

// "a, b or c", for messages that say what would have been right.
template <typename Value, std::size_t N>
std::string quoted_list(const NameTable<Value, N>& names) {
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
