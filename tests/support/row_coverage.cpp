#include "tests/support/row_coverage.hpp"

#include <cstdlib>
#include <fstream>
#include <vector>

namespace bankconnect::test {
namespace {

class Counts {
 public:
  Counts() : counts_(table().size()) {}
  ~Counts() {
    const char* path = std::getenv("BANKCONNECT_ROWS_FILE");
    if (path == nullptr) return;
    std::ofstream out(path);
    for (const std::size_t count : counts_)
      out << count << "\n";
  }
  void add(const Row* row) { ++counts_.at(static_cast<std::size_t>(row - table().data())); }

 private:
  std::vector<std::size_t> counts_;
};

}  // namespace

void took(const Row* row) {
  static Counts counts;
  if (row != nullptr) counts.add(row);
}

}  // namespace bankconnect::test
