#include "src/store_sqlite/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/file_names.hpp"
#include "src/store_sqlite/restore.hpp"

namespace bankconnect::store_sqlite {

StoreOpenError unusable_database(const std::string& message) {
  return {OpenFailure::damaged_or_unusable, message};
}

namespace {

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
  if (error != EWOULDBLOCK) return unusable_database(path + ": cannot be locked: " + std::strerror(error));
  return StoreOpenError{OpenFailure::locked_by_another_instance,
                        database + ": another bankconnectd uses this database (" + path + " is locked)"};
}

}  // namespace

bool note_open(const InstanceLock& lock) {
  constexpr std::string_view kOpen = "open\n";
  struct stat status {};
  const bool left_open = ::fstat(lock.beside.get(), &status) == 0 && status.st_size > 0;
  // Where it cannot be noted, the next start does not know: nothing rests on it but how fast that one
  // fetches.
  static_cast<void>(!::pwrite(lock.beside.get(), kOpen.data(), kOpen.size(), 0));
  return left_open;
}

void note_closed(const InstanceLock& lock) {
  static_cast<void>(!::ftruncate(lock.beside.get(), 0));
}

boost::system::result<InstanceLock, StoreOpenError> lock_instance(const std::string& database) {
  auto beside = lock_file(database + kLockSuffix, database);
  if (beside.has_error()) return beside.error();
  finish_restore(database);
  auto file = lock_file(database, database);
  if (file.has_error()) return file.error();
  return InstanceLock{std::move(*beside), std::move(*file)};
}

}  // namespace bankconnect::store_sqlite
