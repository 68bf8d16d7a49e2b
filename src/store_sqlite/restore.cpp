// Putting a copy of the database in its place.
#include "src/store_sqlite/restore.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/file_names.hpp"
#include "src/store_sqlite/instance_lock.hpp"
#include "src/store_sqlite/schema.hpp"

namespace bankconnect {
namespace store_sqlite {
namespace {

namespace fs = std::filesystem;

std::string part_of(const std::string& path) {
  return path + kRestoringSuffix;
}
std::string whole_of(const std::string& path) {
  return path + kRestoredSuffix;
}

void remove_with_logs(const std::string& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  for (const char* const beside : kSqliteSuffixes)
    fs::remove(path + beside, ignored);
}

void flush_folder_of(const std::string& path) {
  flush_file(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

void check_integrity(Connection& connection) {
  const std::int64_t faults =
      connection.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
  if (faults != 0) throw SqliteError(SQLITE_CORRUPT, "is damaged");
}

/// A copy that stands alone; nothing of it is changed.
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
}

/// Makes the new database beside the place where it is to be. What an interrupted attempt left would be mixed
/// into it, and goes first.
RestoredStore prepare(const std::string& copy, const std::string& path) {
  const std::string part = part_of(path);
  remove_with_logs(part);
  remove_with_logs(whole_of(path));
  fs::copy_file(copy, part);
  if (::chmod(part.c_str(), 0600) != 0) throw SqliteError(SQLITE_IOERR, part + ": " + std::strerror(errno));
  RestoredStore restored;
  {
    Connection connection(part, SQLITE_OPEN_READWRITE);
    check_integrity(connection);
    migrate(connection);
    connection.execute("UPDATE event_log SET copied = 1");
    restored.sessions = static_cast<std::uint64_t>(connection.integer("SELECT count(*) FROM sessions"));
    restored.live =
        static_cast<std::uint64_t>(connection.integer("SELECT count(*) FROM sessions WHERE final = 0"));
    restored.newest_event =
        static_cast<std::uint64_t>(connection.integer("SELECT coalesce(max(seq), 0) FROM events"));
    connection.execute("PRAGMA journal_mode = DELETE");
  }
  flush_file(part, O_RDONLY);
  fs::rename(part, whole_of(path));
  flush_folder_of(path);
  return restored;
}

/// The write-ahead log becomes part of the database, so that the two cannot be parted. One that is damaged is
/// kept as it is.
void empty_log_of(const std::string& path) {
  try {
    Connection connection(path, SQLITE_OPEN_READWRITE);
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    connection.execute("PRAGMA journal_mode = DELETE");
  } catch (const SqliteError&) {
    return;
  }
}

/// The database first: a log that is left without one is put aside by the next start. Returns the new name.
std::string put_aside(const std::string& path, const std::string& suffix) {
  const bool there = size_of(path) > 0;
  std::string aside = path + suffix;
  if (there) {
    empty_log_of(path);
    fs::rename(path, aside);
  } else {
    fs::remove(path);
  }
  for (const char* const beside : kSqliteSuffixes)
    if (fs::exists(path + beside)) fs::rename(path + beside, aside + beside);
  if (!there) aside.clear();
  return aside;
}

/// Undoes as much as it can after a failure, and says in words what is where. A log goes back only together
/// with its database.
std::string undo(const std::string& path, const std::string& suffix) {
  std::error_code ec;
  const std::string aside = path + suffix;
  if (!fs::exists(aside, ec)) {
    remove_with_logs(part_of(path));
    remove_with_logs(whole_of(path));
    return "nothing was changed";
  }
  if (!fs::exists(path, ec)) fs::rename(aside, path, ec);
  if (fs::exists(aside, ec)) return "the database that was there is now " + aside;
  for (const char* const beside : kSqliteSuffixes)
    if (fs::exists(aside + beside, ec)) fs::rename(aside + beside, path + beside, ec);
  return "the database that was there is in its place again";
}

boost::system::result<RestoredStore, StoreOpenError> restore(const std::string& copy, std::string path,
                                                             const std::string& suffix) {
  std::error_code ec;
  const fs::path resolved = fs::weakly_canonical(path, ec);
  if (!ec) path = resolved.string();
  if (!fs::exists(copy, ec))
    return unusable_database(copy + ": " + (ec ? ec.message() : "there is no such file"));
  for (const std::string& own : {path, part_of(path), whole_of(path)}) {
    if (fs::exists(own, ec) && fs::equivalent(copy, own, ec))
      return unusable_database(copy +
                               ": is the database itself, or what an interrupted --restore left of it");
  }
  bool begun = false;  // before, another --restore may be under way, and its files are not ours
  const auto failed = [&](const std::string& why) {
    return unusable_database(why + "; " + (begun ? undo(path, suffix) : "nothing was changed"));
  };
  try {
    check_copy(copy);
    fs::create_directories(fs::path(path).parent_path());
    const auto lock = lock_instance(path);
    if (lock.has_error()) return lock.error();
    begun = true;
    RestoredStore restored = prepare(copy, path);
    restored.replaced = put_aside(path, suffix);
    fs::rename(whole_of(path), path);
    flush_folder_of(path);
    return restored;
  } catch (const SqliteError& error) {
    return failed(copy + ": " + error.what());
  } catch (const fs::filesystem_error& error) {
    return failed(error.path1().string() + ": " + error.code().message());
  }
}

}  // namespace

void finish_restore(const std::string& path) {
  std::error_code ec;
  if (size_of(path) == 0 && size_of(whole_of(path)) > 0) {
    // A log that stayed behind is of the database before.
    for (const char* const beside : kSqliteSuffixes)
      if (fs::exists(path + beside, ec)) fs::rename(path + beside, path + ".left" + beside, ec);
    fs::rename(whole_of(path), path, ec);
  }
  remove_with_logs(part_of(path));
  remove_with_logs(whole_of(path));
}

}  // namespace store_sqlite

boost::system::result<RestoredStore, StoreOpenError> restore_sqlite_store(const std::string& copy,
                                                                          const std::string& path,
                                                                          const std::string& suffix) {
  return store_sqlite::restore(copy, path, suffix);
}

}  // namespace bankconnect
