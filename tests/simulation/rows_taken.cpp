#include "tests/simulation/rows_taken.hpp"

#include <cstdio>
#include <vector>

namespace bankconnect::simulation {
namespace {

std::vector<unsigned long long>& counts() {
  static std::vector<unsigned long long> taken(table().size());
  return taken;
}

}  // namespace

Decision counted(Decision decision) {
  if (decision.row != nullptr) ++counts()[static_cast<std::size_t>(decision.row - table().data())];
  return decision;
}

bool rows_taken(bool print) {
  bool all = true;
  for (std::size_t i = 0; i < counts().size(); ++i) {
    if (counts()[i] > 0) continue;
    all = false;
    const Row& row = table()[i];
    if (print) {
      const std::string_view event = to_string(row.trigger);
      std::printf("  row %zu was never taken: %.*s, %.*s\n", i + 1, static_cast<int>(event.size()),
                  event.data(), static_cast<int>(row.text.size()), row.text.data());
    }
  }
  return all;
}

}  // namespace bankconnect::simulation
