// Adds up the rows taken, prints a report and fails when a row of the transition table was never taken.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "statemachine/table.hpp"

int main(int argc, char** argv) {
  using namespace bankconnect;
  std::vector<std::size_t> counts(table().size());
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i]);
    if (!in) {
      std::printf("%s: missing; run the tests that write it first\n", argv[i]);
      return 1;
    }
    std::size_t count = 0;
    for (std::size_t row = 0; row < counts.size() && in >> count; ++row)
      counts[row] += count;
  }
  std::size_t taken = 0;
  for (std::size_t row = 0; row < counts.size(); ++row) {
    taken += counts[row] > 0 ? 1 : 0;
    std::printf("%6zu  row %2zu  %-24s %-20s %s\n", counts[row], row + 1,
                std::string(to_string(table()[row].trigger)).c_str(),
                std::string(to_string(table()[row].guard)).c_str(), counts[row] == 0 ? "NEVER TAKEN" : "");
  }
  std::printf("%zu of %zu rows taken\n", taken, counts.size());
  return taken == counts.size() ? 0 : 1;
}
