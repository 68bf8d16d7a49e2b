// Small operations on text, ASCII only: bytes above 127 are left alone or replaced, never interpreted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bankconnect {

/// With A to Z replaced by a to z.
std::string to_lower(std::string_view text);

/// Whether the two are equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// The first `most` bytes, with `?` in place of every byte that is not printable ASCII.
std::string printable(std::string_view text, std::size_t most);

/// Whether a byte of it is a control character of ASCII: below 0x20, or 0x7f.
bool has_control_character(std::string_view text);

/// Overwrites a secret, which the compiler cannot leave out, and empties it.
void wipe(std::string& secret);

/// Without the blanks, tabs and carriage returns around it.
std::string_view trim(std::string_view text);

}  // namespace bankconnect
