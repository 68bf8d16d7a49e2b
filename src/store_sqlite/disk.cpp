#include "src/store_sqlite/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "src/store_sqlite/file_descriptor.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

bool is_out_of_space(int error) {
  return error == ENOSPC || error == EDQUOT;
}

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool can_grow(const std::string& path, std::uint64_t size) {
  struct statvfs system {};
  if (::statvfs(path.c_str(), &system) != 0) return true;
  const std::uint64_t now = size_of(path);
  return size <= now || size - now <= std::uint64_t(system.f_bavail) * system.f_frsize;
}

bool reserve(const std::string& path, std::uint64_t bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return true;
  const int failed =
      ::fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_of(path)), static_cast<off_t>(bytes)) == 0
          ? 0
          : errno;
  ::close(fd);
  return !is_out_of_space(failed);
}

FileIdentity::FileIdentity(std::string path) : path_(std::move(path)) {
  struct stat status {};
  known_ = ::stat(path_.c_str(), &status) == 0;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

bool FileIdentity::replaced() const {
  if (!known_) return false;
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return errno == ENOENT || errno == ENOTDIR;
  return status.st_dev != device_ || status.st_ino != inode_;
}

bool cannot_create_beside(const std::string& path) {
  const std::string probe = path + ".room";
  const int fd = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return is_out_of_space(errno);
  const std::string some(std::size_t{64} * 1024, '\0');
  errno = 0;
  const bool fits = ::write(fd, some.data(), some.size()) == static_cast<ssize_t>(some.size());
  const int error = errno;
  ::close(fd);
  ::unlink(probe.c_str());
  return !fits && (error == 0 || is_out_of_space(error));
}

void flush_file(const std::string& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0)
    throw SqliteError(SQLITE_IOERR, path + ": cannot be flushed: " + std::strerror(errno));
}

}  // namespace bankconnect::store_sqlite
