// Opening a database: the instance lock, the file, the schema, and what an earlier run left.
#include <filesystem>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/instance_lock.hpp"
#include "src/store_sqlite/schema.hpp"
#include "src/store_sqlite/sqlite_store.hpp"

namespace bankconnect {
namespace store_sqlite {
namespace {

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
  if (failed)
    return unusable_database(wal + ": has no database, and cannot be put aside: " + failed.message());
  return aside;
}

std::unique_ptr<Connection> open_connection(const std::string& path) {
  auto connection = std::make_unique<Connection>(path, SQLITE_OPEN_READWRITE);
  sqlite3_busy_timeout(connection->handle(), kBusyTimeoutMs);
  check_ownership(*connection);
  configure_writer(*connection);
  migrate(*connection);
  begin_copied_log(*connection);
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
  LogPosition log_position() override {
    return read_before_start(store_, [](Tables& tables) { return tables.log_position(); });
  }
  bool restored() override {
    return read_before_start(store_, [](Tables& tables) { return tables.restored(); });
  }
  void mark_restored() override {
    read_before_start(store_, [](Tables& tables) { tables.mark_restored(); });
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
  auto lock = lock_instance(path);
  if (lock.has_error()) return lock.error();
  const bool created = size_of(path) == 0;
  remove_interrupted_backup(path);
  auto wal_set_aside = created ? set_wal_aside(path) : std::string();
  if (wal_set_aside.has_error()) return wal_set_aside.error();
  try {
    auto connection = open_connection(path);
    auto store = std::make_unique<ThreadedStore>(std::move(options), std::move(*lock), std::move(connection));
    auto recovery = std::make_unique<Recovery>(*store);
    const bool left_open = store->left_open();
    return OpenedSqliteStore{std::move(store), std::move(recovery), created, left_open,
                             std::move(*wal_set_aside)};
  } catch (const SqliteError& error) {
    const bool not_created = (error.code() & 0xff) == SQLITE_CANTOPEN;
    if ((error.disk_full() || not_created) && cannot_create_beside(path))
      return StoreOpenError{OpenFailure::disk_full, path + ": the disk is full: " + error.what()};
    return unusable_database(path + ": " + error.what());
  }
}

}  // namespace
}  // namespace store_sqlite

boost::system::result<OpenedSqliteStore, StoreOpenError> open_sqlite_store(SqliteOptions options) {
  return store_sqlite::open(std::move(options));
}

}  // namespace bankconnect
