// Opening a database: the instance lock, the file, the schema, and what an earlier run left.
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/file_descriptor.hpp"
#include "src/store_sqlite/schema.hpp"
#include "src/store_sqlite/sqlite_store.hpp"

namespace bankconnect {
namespace store_sqlite {
namespace {

StoreOpenError unusable(const std::string& message) {
  return {OpenFailure::damaged_or_unusable, message};
}

StoreOpenError cannot_open(const std::string& path, int error) {
  return {is_out_of_space(error) ? OpenFailure::disk_full : OpenFailure::damaged_or_unusable,
          path + ": cannot be opened for writing: " + std::strerror(error)};
}

/// Creates the file if there is none, with a mode that is never wider, and locks it. The kernel releases the
/// lock however the daemon ends.
boost::system::result<FileDescriptor, StoreOpenError> lock_file(const std::string& path,
                                                                const std::string& database) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return cannot_open(path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  const int error = errno;
  if (error != EWOULDBLOCK) return unusable(path + ": cannot be locked: " + std::strerror(error));
  return StoreOpenError{OpenFailure::locked_by_another_instance,
                        database + ": another bankconnectd uses this database (" + path + " is locked)"};
}

/// Two locks: the database may be replaced while it is in use, and the file beside it may be removed, or be
/// another one because the database has another name (a link).
boost::system::result<InstanceLock, StoreOpenError> lock_instance(const std::string& database) {
  auto beside = lock_file(database + ".lock", database);
  if (beside.has_error()) return beside.error();
  auto file = lock_file(database, database);
  if (file.has_error()) return file.error();
  return InstanceLock{std::move(*beside), std::move(*file)};
}

/// SQLite would delete the write-ahead log of a database that is gone. Returns its new name; empty when there
/// is none.
boost::system::result<std::string, StoreOpenError> set_wal_aside(const std::string& database) {
  const std::string wal = database + "-wal";
  if (size_of(wal) == 0) return std::string();
  std::error_code failed;
  std::string aside = wal + ".left";
  for (int number = 2; std::filesystem::exists(aside, failed); ++number)
    aside = wal + ".left-" + std::to_string(number);
  std::filesystem::rename(wal, aside, failed);
  if (failed) return unusable(wal + ": has no database, and cannot be put aside: " + failed.message());
  return aside;
}

std::unique_ptr<Connection> open_connection(const std::string& path) {
  auto connection = std::make_unique<Connection>(path, SQLITE_OPEN_READWRITE);
  sqlite3_busy_timeout(connection->handle(), kBusyTimeoutMs);
  check_ownership(*connection);
  configure_writer(*connection);
  migrate(*connection);
  name_copied_log(*connection);
  return connection;
}

template <class Read>
auto read_before_start(ThreadedStore& store, const Read& read) {
  try {
    return read(store.tables_before_start());
  } catch (const SqliteError& error) {
    throw StoreUnreadable(store.path() + ": " + error.what());
  }
}

class Recovery final : public StoreRecovery {
 public:
  explicit Recovery(ThreadedStore& store) : store_(store) {}
  ~Recovery() override { store_.start(); }
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  std::optional<ClockSnapshot> clock_snapshot() override {
    return read_before_start(store_, [](Tables& tables) { return tables.clock_snapshot(); });
  }
  StateCounts count_states() override {
    return read_before_start(store_, [](Tables& tables) { return tables.count_states(); });
  }
  void each_live(const std::function<void(const SessionRecord&)>& visit) override {
    read_before_start(store_, [&visit](Tables& tables) { tables.each_live(visit); });
  }

 private:
  ThreadedStore& store_;
};

boost::system::result<OpenedSqliteStore, StoreOpenError> open(SqliteOptions options) {
  // The lock is the same whatever name the file is given by.
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(options.path, unresolved);
  if (!unresolved) options.path = resolved.string();
  const std::string path = options.path;
  const bool created = size_of(path) == 0;
  auto lock = lock_instance(path);
  if (lock.has_error()) return lock.error();
  auto wal_set_aside = created ? set_wal_aside(path) : std::string();
  if (wal_set_aside.has_error()) return wal_set_aside.error();
  try {
    auto connection = open_connection(path);
    auto store = std::make_unique<ThreadedStore>(std::move(options), std::move(*lock), std::move(connection));
    auto recovery = std::make_unique<Recovery>(*store);
    return OpenedSqliteStore{std::move(store), std::move(recovery), created, std::move(*wal_set_aside)};
  } catch (const SqliteError& error) {
    const bool not_created = (error.code() & 0xff) == SQLITE_CANTOPEN;
    if ((error.disk_full() || not_created) && cannot_create_beside(path))
      return StoreOpenError{OpenFailure::disk_full, path + ": the disk is full: " + error.what()};
    return unusable(path + ": " + error.what());
  }
}

}  // namespace
}  // namespace store_sqlite

boost::system::result<OpenedSqliteStore, StoreOpenError> open_sqlite_store(SqliteOptions options) {
  return store_sqlite::open(std::move(options));
}

}  // namespace bankconnect
