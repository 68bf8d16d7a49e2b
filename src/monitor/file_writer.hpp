// Files that are always whole: written beside their place and renamed into it.
#pragma once

#include <string>

#include "bankconnect/error.hpp"

namespace bankconnect::monitor {

/// Makes `directory`, its parents included, if it is not there.
Result<void> make_directory(const std::string& directory);
/// Replaces `path` by `content`. Worker thread.
Result<void> write_whole(const std::string& path, const std::string& content);
/// The content of `path`, or nothing where there is none to be read.
std::string read_whole(const std::string& path);
/// Removes `path`; fine when it is not there.
Result<void> remove_file(const std::string& path);

}  // namespace bankconnect::monitor
