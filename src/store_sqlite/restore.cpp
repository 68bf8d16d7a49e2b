// Putting a copy of the database in its place.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/instance_lock.hpp"
#include "src/store_sqlite/schema.hpp"

namespace bankconnect {
namespace store_sqlite {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

void flush(const std::string& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0)
    throw SqliteError(SQLITE_IOERR, path + ": cannot be flushed: " + std::strerror(errno));
}

/// A copy that is whole and stands alone; nothing of it is changed.
void check_copy(const std::string& copy) {
  for (const char* const suffix : {"-wal", "-journal"}) {
    if (size_of(copy + suffix) == 0) continue;
    throw SqliteError(SQLITE_CANTOPEN,
                      "is not a copy that stands alone: " + copy + suffix + " belongs to it");
  }
  Connection connection(copy, SQLITE_OPEN_READONLY);
  check_ownership(connection);
  if (connection.integer("PRAGMA application_id") != kApplicationId)
    throw SqliteError(SQLITE_NOTADB, "is no database of bankconnectd");
  const std::int64_t faults =
      connection.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
  if (faults != 0) throw SqliteError(SQLITE_CORRUPT, "is damaged");
}

/// Makes the new database, beside the place where it is to be.
RestoredStore prepare(const std::string& copy, const std::string& part) {
  fs::copy_file(copy, part, fs::copy_options::overwrite_existing);
  if (::chmod(part.c_str(), 0600) != 0) throw SqliteError(SQLITE_IOERR, part + ": " + std::strerror(errno));
  RestoredStore restored;
  {
    Connection connection(part, SQLITE_OPEN_READWRITE);
    migrate(connection);
    connection.execute("UPDATE event_log SET copied = 1");
    restored.sessions = static_cast<std::uint64_t>(connection.integer("SELECT count(*) FROM sessions"));
    restored.live =
        static_cast<std::uint64_t>(connection.integer("SELECT count(*) FROM sessions WHERE final = 0"));
    restored.newest_event =
        static_cast<std::uint64_t>(connection.integer("SELECT coalesce(max(seq), 0) FROM events"));
    connection.execute("PRAGMA journal_mode = DELETE");
  }
  flush(part, O_RDONLY);
  return restored;
}

/// A write-ahead log that stayed behind would be mixed into the new database.
std::string put_aside(const std::string& path, const std::string& suffix) {
  if (size_of(path) == 0) {
    for (const char* const beside : kBeside)
      if (fs::exists(path + beside)) fs::rename(path + beside, path + suffix + beside);
    fs::remove(path);
    return "";
  }
  const std::string aside = path + suffix;
  // The database last: should this be interrupted, the next start finds one without its log, or none.
  for (const char* const beside : kBeside)
    if (fs::exists(path + beside)) fs::rename(path + beside, aside + beside);
  fs::rename(path, aside);
  return aside;
}

}  // namespace

boost::system::result<RestoredStore, StoreOpenError> restore(const std::string& copy, std::string path,
                                                             const std::string& suffix) {
  std::error_code unresolved;
  const fs::path resolved = fs::weakly_canonical(path, unresolved);
  if (!unresolved) path = resolved.string();
  if (!fs::exists(copy)) return unusable(copy + ": there is no such file");
  if (fs::exists(path) && fs::equivalent(copy, path)) return unusable(copy + ": is the database itself");
  const std::string part = path + ".restoring";
  try {
    check_copy(copy);
    fs::create_directories(fs::path(path).parent_path());
    const auto lock = lock_instance(path);
    if (lock.has_error()) return lock.error();
    RestoredStore restored = prepare(copy, part);
    restored.replaced = put_aside(path, suffix);
    fs::rename(part, path);
    flush(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
    return restored;
  } catch (const SqliteError& error) {
    std::error_code ignored;
    fs::remove(part, ignored);
    return unusable(copy + ": " + error.what());
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove(part, ignored);
    return unusable(error.path1().string() + ": " + error.code().message());
  }
}

}  // namespace store_sqlite

boost::system::result<RestoredStore, StoreOpenError> restore_sqlite_store(const std::string& copy,
                                                                          const std::string& path,
                                                                          const std::string& suffix) {
  return store_sqlite::restore(copy, path, suffix);
}

}  // namespace bankconnect
