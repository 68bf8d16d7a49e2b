// A consistent copy of the database, made a few pages at a time between commits.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bankconnect/error.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

class Backup {
 public:
  /// Starts copying `source`, the database at `database`, to `path`, which must be absolute, not exist and be
  /// no name of the database's own files; a half-made copy is `path`.part.
  static Result<std::unique_ptr<Backup>> start(Connection& source, const std::string& database,
                                               const std::string& path);
  ~Backup();
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  /// Copies some more. True when the copy is whole, on disk and in place. Throws SqliteError.
  bool advance();

 private:
  Backup(Connection& source, std::string path, std::string record);

  std::string path_;
  std::string part_;
  std::string record_;  ///< beside the database, with the path in it while the copy is being made
  std::unique_ptr<Connection> target_;
  sqlite3_backup* backup_ = nullptr;
  int stuck_steps_ = 0;
  bool in_place_ = false;
};

/// Removes the half-made copy of a daemon that was killed: it would be in the way of the next one, and keep
/// what is erased later.
void remove_interrupted_backup(const std::string& database);

}  // namespace bankconnect::store_sqlite
