#pragma once

#include <string>
#include <string_view>

#include "src/sandbox/message.hpp"

namespace bankconnect::sandbox {

// The bytes of an answer, written by hand: a library would refuse to write the broken ones.
std::string head_of(const Reply& reply, bool close,
                    Instant now);  // status line and fields, blank line included
std::string informational_head(int status);
std::string chunked(std::string_view body);

}  // namespace bankconnect::sandbox
