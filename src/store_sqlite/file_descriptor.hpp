// An open file that is closed at the end of its owner's life.
#pragma once

#include <unistd.h>

#include <utility>

namespace bankconnect::store_sqlite {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;

  /// Negative: the file could not be opened.
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace bankconnect::store_sqlite
