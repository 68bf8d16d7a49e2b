// What the store asks of the file system below it.
#pragma once

#include <cstdint>
#include <string>

namespace bankconnect::store_sqlite {

/// Whether this errno says that there is no space: the disk is full or a quota is exhausted.
bool is_out_of_space(int error);

/// In bytes; 0 when there is no such file.
std::uint64_t size_of(const std::string& path);

/// Whether the file can grow to `size` bytes, by what the file system reports.
bool can_grow(const std::string& path, std::uint64_t size);

/// Allocates so many bytes behind the end of a file, if it exists. False when there is no space; on a file
/// system that cannot preallocate it is always true.
bool reserve(const std::string& path, std::uint64_t bytes);

/// Flushes a file or a folder to the disk; `flags` are those of open(2). Throws SqliteError.
void flush_file(const std::string& path, int flags);

/// Notices that the file at a path is another one than before: it was deleted, moved or replaced.
class FileIdentity {
 public:
  /// Of the file that is there now.
  explicit FileIdentity(std::string path);
  /// False also when that cannot be found out.
  bool replaced() const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  bool known_ = false;
};

/// Whether no space is left for a file like those SQLite creates beside the database. SQLite's own error does
/// not say so: it tries again to open without creating, and loses the first errno.
bool cannot_create_beside(const std::string& path);

}  // namespace bankconnect::store_sqlite
