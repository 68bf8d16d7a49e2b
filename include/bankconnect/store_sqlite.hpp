// The SQLite engine: one file, written by one thread. Writes are collected, committed together with one
// fsync, and only then answered. After a failed commit nothing is acknowledged any more: the store reports
// the failure once and stops, for the daemon to be restarted. While the disk is full, or another process
// holds the database, clients are refused, the daemon's own writes wait, and both go on when that has passed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bankconnect/store.hpp"

namespace bankconnect {

/// Why a database could not be opened; each has its exit code.
enum class OpenFailure : std::uint8_t { locked_by_another_instance, disk_full, damaged_or_unusable };

struct StoreOpenError {
  OpenFailure failure = OpenFailure::damaged_or_unusable;
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const StoreOpenError& error,
                                                    const boost::source_location&) {
  throw std::logic_error(error.message);
}

struct SqliteOptions {
  std::string path;
  /// Runs a function on the event-loop thread, later. Called from the store's thread.
  std::function<void(std::function<void()>)> post;
  /// Called once, through `post`, when the store can no longer be trusted to write.
  std::function<void(Error)> on_failure;
};

/// What only a store that is a file has.
class SqliteStore : public Store {
 public:
  /// A consistent copy at `path`, which must be absolute and not exist. Made a little at a time between
  /// commits. Errors: BAD_REQUEST, WRONG_STATE, BACKUP_FAILED.
  virtual void backup(std::string path, Done<void> done) = 0;
};

/// What `restore_sqlite_store` did.
struct RestoredStore {
  std::string replaced;  ///< the name that the database there before has now; empty: there was none
  std::uint64_t sessions = 0;
  std::uint64_t live = 0;  ///< of them, not final
  std::uint64_t newest_event = 0;
};

/// Puts the copy at `copy` in the place of the database at `path`, which no daemon may use. The copy is
/// checked first and stays where it is; the database there before, with its write-ahead log, gets another
/// name, which `suffix` ends. Until an operator resumes, a daemon that is started on it initiates nothing.
boost::system::result<RestoredStore, StoreOpenError> restore_sqlite_store(const std::string& copy,
                                                                          const std::string& path,
                                                                          const std::string& suffix);

struct OpenedSqliteStore {
  std::unique_ptr<SqliteStore> store;
  /// Reads by the connection that the store's thread takes over when this is destroyed, which has to be
  /// before the store is.
  std::unique_ptr<StoreRecovery> recovery;
  bool created = false;  ///< there was no database, or an empty file
  /// The daemon that had the database before did not close it: it was killed, or had no memory.
  bool left_open = false;
  /// Where the write-ahead log of a database that is gone was put: it may hold what that one lost. Empty:
  /// there was none.
  std::string wal_set_aside;
};

/// Opens or creates the database, takes the instance lock and migrates. When an erasure completes, no byte of
/// the session is left in the database's files.
boost::system::result<OpenedSqliteStore, StoreOpenError> open_sqlite_store(SqliteOptions options);

}  // namespace bankconnect
