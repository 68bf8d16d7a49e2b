// Files that readers never see half-written: each is written under a temporary name and renamed into place.
#pragma once

#include <string>

#include "bankconnect/error.hpp"

namespace bankconnect::monitor {

/// Creates `directory` and its parents where they are missing.
Result<void> make_directory(const std::string& directory);
/// Replaces `path` by `content`. Worker thread.
Result<void> write_file_atomically(const std::string& path, const std::string& content);
/// The content of `path`; empty when it cannot be read.
std::string read_file(const std::string& path);
/// Removes `path`. Succeeds when there is no such file.
Result<void> remove_file(const std::string& path);

}  // namespace bankconnect::monitor
