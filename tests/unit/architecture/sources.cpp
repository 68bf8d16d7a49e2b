#include "tests/unit/architecture/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace bankconnect::test {

namespace fs = std::filesystem;

namespace {

Source read(const fs::path& root, const fs::path& path) {
  Source source{fs::relative(path, root).string(), {}};
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    source.lines.push_back(line);
  return source;
}

}  // namespace

std::vector<Source> sources(const std::vector<std::string>& folders,
                            const std::vector<std::string>& endings) {
  const fs::path root(BANKCONNECT_ROOT);
  std::vector<Source> out;
  for (const std::string& folder : folders) {
    if (fs::is_regular_file(root / folder)) {
      out.push_back(read(root, root / folder));
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string ending = entry.path().extension().string();
      if (entry.is_regular_file() && std::ranges::find(endings, ending) != endings.end()) {
        out.push_back(read(root, entry.path()));
      }
    }
  }
  return out;
}

}  // namespace bankconnect::test
