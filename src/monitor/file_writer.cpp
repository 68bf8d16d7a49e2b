#include "src/monitor/file_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace bankconnect::monitor {
namespace {

Error failed(const std::string& path, const char* doing) {
  return {ErrorCode::files_unwritable, path + ": cannot be " + doing + ": " + std::strerror(errno)};
}

bool write_all(int fd, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> make_directory(const std::string& directory) {
  std::error_code ec;
  std::filesystem::create_directories(directory, ec);
  if (ec) return Error{ErrorCode::files_unwritable, directory + ": cannot be created: " + ec.message()};
  return {};
}

Result<void> write_file_atomically(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".new";
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  int fd = ::open(temporary.c_str(), flags, 0640);
  if (fd < 0 && errno == ENOENT) {  // the directory could not be created before, or was removed since
    Result<void> made = make_directory(std::filesystem::path(path).parent_path().string());
    if (made.has_error()) return made;
    fd = ::open(temporary.c_str(), flags, 0640);
  }
  if (fd < 0) return failed(temporary, "created");
  if (!write_all(fd, content)) {
    const Error error = failed(temporary, "written");
    ::close(fd);
    ::unlink(temporary.c_str());
    return error;
  }
  ::close(fd);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, "renamed into place");
  return {};
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return failed(path, "removed");
}

}  // namespace bankconnect::monitor
