// The database's shape, and how an older one becomes the present one.
#pragma once

#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

/// Marks a file as ours (`PRAGMA application_id`): "bcd1".
inline constexpr std::int64_t kApplicationId = 0x62636431;

/// The version this program writes (`PRAGMA user_version`).
std::int64_t present_version();

/// How long SQLite itself waits for another process that holds the database.
inline constexpr int kBusyTimeoutMs = 2000;

/// Throws SqliteError when the database belongs to another program or to a newer version of this one. Changes
/// nothing.
void check_ownership(Connection& connection);

/// Sets the connection up for durable, erasable writing: WAL, synchronous=FULL, secure_delete, no mmap.
void configure_writer(Connection& connection);

/// Brings the database to the present version, one transaction a version. Throws SqliteError.
void migrate(Connection& connection);

/// At the first start of a copy that `backup` made: its event log gets a name of its own, and nothing is
/// initiated until an operator resumes.
void begin_copied_log(Connection& connection);

/// The same for a database whose log went back.
void begin_restored_log(Connection& connection);

}  // namespace bankconnect::store_sqlite
