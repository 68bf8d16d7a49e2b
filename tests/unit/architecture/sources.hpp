// The project's own files, as text to be checked.
#pragma once

#include <string>
#include <vector>

namespace bankconnect::test {

struct Source {
  std::string path;  ///< from the top of the project
  std::vector<std::string> lines;
};

/// Files with one of these endings in these folders.
std::vector<Source> sources(const std::vector<std::string>& folders, const std::vector<std::string>& endings);

}  // namespace bankconnect::test
