// A JSON object with a member twice is ambiguous: parsers differ in which of the two counts.
#pragma once

#include <string>
#include <string_view>

namespace bankconnect::control {

/// The first member that the outermost object has twice; empty when there is none, or when the text is no
/// JSON.
std::string doubled_member(std::string_view text);

}  // namespace bankconnect::control
