// Removes from foreign text what a terminal would interpret.
#pragma once

#include <string>
#include <string_view>

namespace bankconnect::ctl {

/// `text` with U+FFFD in place of whatever could move the cursor, begin a line or turn the reading direction:
/// control characters (C0, DEL, C1), bidirectional controls, and bytes that are not UTF-8.
std::string sanitize_for_terminal(std::string_view text);

}  // namespace bankconnect::ctl
