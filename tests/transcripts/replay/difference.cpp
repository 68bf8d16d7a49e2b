#include "tests/transcripts/replay/difference.hpp"

#include <algorithm>

namespace bankconnect::transcripts {

/// By the longest common part; blocks are small enough for a table of all pairs.
Difference difference(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  const std::size_t rows = expected.size();
  const std::size_t columns = actual.size();
  std::vector<std::vector<std::size_t>> common(rows + 1, std::vector<std::size_t>(columns + 1, 0));
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      common[i][j] =
          expected[i] == actual[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  Difference out;
  bool differs = false;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && expected[i] == actual[j]) {
      out.lines.push_back(" " + expected[i]);
      if (!differs) ++out.first;
      ++i;
      ++j;
      continue;
    }
    differs = true;
    const bool removed = i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1]);
    out.lines.push_back(removed ? "-" + expected[i++] : "+" + actual[j++]);
  }
  return out;
}

}  // namespace bankconnect::transcripts
