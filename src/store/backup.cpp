#include "src/store/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bankconnect::store {
namespace {

constexpr int kPagesPerStep = 256;

Error io_error(const std::string& path, const char* doing) {
  return {"BAD_REQUEST", path + ": cannot be " + doing + ": " + std::strerror(errno)};
}

void flush(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!flushed) throw SqliteError(SQLITE_IOERR, path + ": cannot be flushed: " + std::strerror(error));
}

}  // namespace

Result<std::unique_ptr<Backup>> Backup::start(Connection& source, const std::string& path) {
  if (!path.starts_with('/')) return Error{"BAD_REQUEST", "\"path\" must be absolute: " + path};
  // O_EXCL: an existing file is never written over. The copy is as private as the database.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return io_error(path, "created");
  ::close(fd);
  const int part = ::open((path + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (part < 0) {
    const Error error = io_error(path + ".part", "created");
    ::unlink(path.c_str());
    return error;
  }
  ::close(part);
  return std::unique_ptr<Backup>(new Backup(source, path));
}

Backup::Backup(Connection& source, std::string path)
    : path_(std::move(path)), part_(path_ + ".part"), target_(part_, SQLITE_OPEN_READWRITE) {
  backup_ = sqlite3_backup_init(target_.handle(), "main", source.handle(), "main");
  if (backup_ == nullptr) target_.fail(sqlite3_extended_errcode(target_.handle()), "backup");
}

Backup::~Backup() {
  if (backup_ == nullptr) return;
  // Not finished: nothing half-made stays behind.
  sqlite3_backup_finish(backup_);
  ::unlink(part_.c_str());
  ::unlink(path_.c_str());
}

bool Backup::advance() {
  const int code = sqlite3_backup_step(backup_, kPagesPerStep);
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;
  if (code != SQLITE_DONE) target_.fail(code, "backup to " + path_);
  const int finished = sqlite3_backup_finish(backup_);
  backup_ = nullptr;
  if (finished != SQLITE_OK) target_.fail(finished, "backup to " + path_);
  // A copy is one file: opened elsewhere, it must not look for a write-ahead log of its own.
  target_.execute("PRAGMA journal_mode = DELETE");
  flush(part_, O_RDONLY);
  if (::rename(part_.c_str(), path_.c_str()) != 0) {
    throw SqliteError(SQLITE_IOERR, path_ + ": cannot be renamed into place: " + std::strerror(errno));
  }
  flush(std::filesystem::path(path_).parent_path().string(), O_RDONLY | O_DIRECTORY);
  return true;
}

}  // namespace bankconnect::store
