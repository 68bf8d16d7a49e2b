// Checks the rows of the sessions for damage that SQLite has no reason to notice: what the rows hold, that
// the indexes have them, and that what the index has is there. Bit by bit, so that nothing waits for it.
#pragma once

#include <cstdint>
#include <optional>

#include "src/store_sqlite/sqlite.hpp"
#include "src/store_sqlite/tables.hpp"

namespace bankconnect::store_sqlite {

class RowCheck {
 public:
  RowCheck(Connection& connection, Tables& tables) : connection_(connection), tables_(tables) {}

  /// Checks up to `limit` rows more, within the caller's transaction. False once all have been checked.
  /// Throws SqliteError (SQLITE_CORRUPT) for the first damage found.
  bool advance(std::uint32_t limit);

 private:
  bool check_rows(std::uint32_t limit);
  bool check_index(std::uint32_t limit);

  Connection& connection_;
  Tables& tables_;
  std::int64_t row_ = 0;  ///< rows up to this one have been checked
  bool rows_checked_ = false;
  SessionId indexed_;  ///< entries of the index up to this one have been checked
  bool index_checked_ = false;
};

}  // namespace bankconnect::store_sqlite
