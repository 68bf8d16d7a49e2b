// Two lists of lines, side by side.
#pragma once

#include <string>
#include <vector>

namespace bankconnect::transcripts {

struct Difference {
  std::vector<std::string> lines;  ///< ` ` as it was, `-` expected only, `+` new
  std::size_t first = 0;           ///< how many expected lines stand before the first that differs
};

Difference difference(const std::vector<std::string>& expected, const std::vector<std::string>& actual);

}  // namespace bankconnect::transcripts
