// The names of the files beside a database: its name and one of these behind it.
#pragma once

#include <array>

namespace bankconnect::store_sqlite {

/// SQLite's own.
inline constexpr std::array kSqliteSuffixes = {"-wal", "-shm", "-journal"};

inline constexpr const char* kLockSuffix = ".lock";
/// Holds the path of the backup that is being made.
inline constexpr const char* kBackupSuffix = ".bankconnectd-backup";
/// A restored copy while it is being made: it may be a part.
inline constexpr const char* kRestoringSuffix = ".bankconnectd-restoring";
/// A restored copy that is whole and flushed, and not in its place yet.
inline constexpr const char* kRestoredSuffix = ".bankconnectd-restored";

inline constexpr std::array kDaemonSuffixes = {kLockSuffix, kBackupSuffix, kRestoringSuffix, kRestoredSuffix};

}  // namespace bankconnect::store_sqlite
