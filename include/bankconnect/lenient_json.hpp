// JSON as it is written in practice, made such that Boost.JSON's strict parser reads it.
#pragma once

#include <string>
#include <string_view>

namespace bankconnect {

/// `text` with everything replaced that is plain and that Boost.JSON rejects: a byte order mark at the
/// beginning by blanks, `NaN` and `Infinity` in a value's place by 0, half a surrogate pair by U+FFFD, an
/// exponent of ten digits or more by zeros. The length stays, and so do all offsets. What is ambiguous or cut
/// off (invalid UTF-8, missing brackets) stays as it is.
std::string lenient_json(std::string_view text);

}  // namespace bankconnect
