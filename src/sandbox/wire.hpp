#pragma once

#include <string>
#include <string_view>

#include "src/sandbox/message.hpp"

namespace bankconnect::sandbox {

// The bytes of an answer. They are formatted here because an HTTP library refuses to write invalid answers.
std::string head_of(const Reply& reply, bool close,
                    Instant now);  // status line, fields and blank line
std::string informational_head(int status);
std::string chunked(std::string_view body);

}  // namespace bankconnect::sandbox
