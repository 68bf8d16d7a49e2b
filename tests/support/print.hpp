// Enumerations in messages of Boost.Test, by their names.
#pragma once

#include <concepts>
#include <ostream>
#include <string_view>
#include <type_traits>

namespace bankconnect {

template <class E>
requires std::is_enum_v<E> && requires(E e) {
  { to_string(e) } -> std::convertible_to<std::string_view>;
}
std::ostream& operator<<(std::ostream& out, E value) {
  return out << to_string(value);
}

}  // namespace bankconnect
