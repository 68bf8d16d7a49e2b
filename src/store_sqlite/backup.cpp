#include "src/store_sqlite/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/file_names.hpp"

namespace bankconnect::store_sqlite {
namespace {

constexpr int kPagesPerStep = 256;
constexpr std::uint64_t kLongestPath = 4096;
constexpr int kPatientSteps = 10'000;  // some ten seconds of a file that cannot be locked

Error unusable(const std::string& path, const char* doing) {
  return {ErrorCode::bad_request, path + ": cannot be " + doing + ": " + std::strerror(errno)};
}

std::string record_of(const std::string& database) {
  return database + kBackupSuffix;
}

void write_record(const std::string& record, const std::string& path) {
  {
    std::ofstream out(record, std::ios::trunc);
    out << path;
    if (!out.flush()) throw SqliteError(SQLITE_IOERR, record + ": cannot be written");
  }
  flush_file(record, O_RDONLY);
}

/// SQLite removes or overwrites files with some of these names, and this daemon the others.
bool is_own_name(const std::string& database, const std::string& path) {
  std::error_code ignored;
  const std::string resolved = std::filesystem::weakly_canonical(path, ignored).string();
  if (resolved == database) return true;
  const auto named = [&](const char* suffix) { return resolved == database + suffix; };
  return std::ranges::any_of(kSqliteSuffixes, named) || std::ranges::any_of(kDaemonSuffixes, named);
}

/// Renames without ever replacing a file; false with errno set.
bool put_in_place(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system that cannot do that in one go.
  return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

}  // namespace

Result<std::unique_ptr<Backup>> Backup::start(Connection& source, const std::string& database,
                                              const std::string& path) {
  if (!path.starts_with('/')) return Error{ErrorCode::bad_request, "\"path\" must be absolute: " + path};
  if (path.find('\0') != std::string::npos) return Error{ErrorCode::bad_request, "\"path\" contains a NUL"};
  if (is_own_name(database, path))
    return Error{ErrorCode::bad_request, path + ": is a name that the database's own files have"};
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return Error{ErrorCode::bad_request, path + ": exists already"};
  // O_EXCL: an existing file is never written over. The copy is as private as the database.
  const std::string part = path + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return unusable(part, "created");
  ::close(fd);
  const std::string record = record_of(database);
  try {
    write_record(record, path);
    return std::unique_ptr<Backup>(new Backup(source, path, record));
  } catch (const SqliteError& error) {
    ::unlink(part.c_str());
    ::unlink(record.c_str());
    return Error{ErrorCode::backup_failed, error.what()};
  }
}

Backup::Backup(Connection& source, std::string path, std::string record)
    : path_(std::move(path)),
      part_(path_ + ".part"),
      record_(std::move(record)),
      target_(std::make_unique<Connection>(part_, SQLITE_OPEN_READWRITE)) {
  backup_ = sqlite3_backup_init(target_->handle(), "main", source.handle(), "main");
  if (backup_ == nullptr) target_->fail(sqlite3_extended_errcode(target_->handle()), "backup");
}

Backup::~Backup() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
  target_.reset();
  // Not finished: nothing half-made stays behind.
  if (!in_place_) {
    ::unlink(part_.c_str());
    ::unlink((part_ + "-journal").c_str());
  }
  ::unlink(record_.c_str());
}

bool Backup::advance() {
  const int code = sqlite3_backup_step(backup_, kPagesPerStep);
  const bool stuck = code == SQLITE_BUSY || code == SQLITE_LOCKED;
  stuck_steps_ = stuck ? stuck_steps_ + 1 : 0;
  if (code == SQLITE_OK || (stuck && stuck_steps_ < kPatientSteps)) return false;
  if (code != SQLITE_DONE) target_->fail(code, "backup to " + path_);
  const int finished = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (finished != SQLITE_OK) target_->fail(finished, "backup to " + path_);
  target_->execute("UPDATE event_log SET copied = 1");
  // A copy is one file: opened elsewhere, it must not look for a write-ahead log of its own.
  target_->execute("PRAGMA journal_mode = DELETE");
  target_.reset();
  flush_file(part_, O_RDONLY);
  // A file that appeared there meanwhile is not written over either.
  if (!put_in_place(part_, path_)) {
    throw SqliteError(SQLITE_IOERR, path_ + ": cannot be renamed into place: " + std::strerror(errno));
  }
  in_place_ = true;
  flush_file(std::filesystem::path(path_).parent_path().string(), O_RDONLY | O_DIRECTORY);
  return true;
}

void remove_interrupted_backup(const std::string& database) {
  const std::string record = record_of(database);
  const std::uint64_t size = size_of(record);
  if (size == 0 || size > kLongestPath) return;
  std::ifstream in(record);
  const std::string path{std::istreambuf_iterator<char>(in), {}};
  if (!path.starts_with('/')) return;
  ::unlink((path + ".part").c_str());
  ::unlink((path + ".part-journal").c_str());
  ::unlink(record.c_str());
}

}  // namespace bankconnect::store_sqlite
