// What keeps a second daemon from a database that is in use.
#pragma once

#include <string>

#include "bankconnect/store_sqlite.hpp"
#include "src/store_sqlite/file_descriptor.hpp"

namespace bankconnect::store_sqlite {

/// SQLite's own locks on the database would be lost with the first descriptor of it that is closed, so this
/// one stays open.
struct InstanceLock {
  FileDescriptor beside;    ///< a file that stays where it is when the database is replaced
  FileDescriptor database;  ///< the database, by whichever name it is opened
};

/// Notes in the lock's file that the database is open. True when it was noted and not taken back before: the
/// daemon that had it ended without closing it, for want of memory or killed.
bool note_open(const InstanceLock& lock);
void note_closed(const InstanceLock& lock);

StoreOpenError unusable_database(const std::string& message);

/// Two locks: the database may be replaced while it is in use, and the file beside it may be removed, or be
/// another one because the database has another name (a link). Creates both files if there are none.
boost::system::result<InstanceLock, StoreOpenError> lock_instance(const std::string& database);

}  // namespace bankconnect::store_sqlite
