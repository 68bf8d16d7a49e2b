// Erasing: what leaves the tables has to leave the files, too, before its caller is told.
#include <utility>

#include "src/store/disk.hpp"
#include "src/store/schema.hpp"
#include "src/store/store_impl.hpp"

namespace bankconnect {

using store::SqliteError;

/// Deleted bytes are zeroed in the database, but earlier versions of their pages live on in the write-ahead
/// log until it is emptied, and in the page cache, from where a later write to such a page would bring them
/// back.
Store::Impl::LogEmptied Store::Impl::empty_log() {
  const std::int64_t pages = connection_->integer("PRAGMA page_count");
  const std::int64_t page_size = connection_->integer("PRAGMA page_size");
  // Not even tried where it cannot work: it would use up the last of the disk first.
  if (!store::can_grow(options_.path, static_cast<std::uint64_t>(pages * page_size)))
    return LogEmptied::disk_full;
  sqlite3* const handle = connection_->handle();
  sqlite3_busy_timeout(handle, 0);  // nobody else's commit waits for that reader
  const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle, store::kBusyTimeoutMs);
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) return LogEmptied::somebody_reads;
  try {
    if (code != SQLITE_OK) connection_->fail(code, "emptying the write-ahead log");
  } catch (const SqliteError& error) {
    if (error.disk_full()) return LogEmptied::disk_full;
    throw;
  }
  sqlite3_db_release_memory(handle);
  return LogEmptied::yes;
}

/// An erasure that is committed and then finds no room to empty the log into would leave its caller waiting
/// for space. What is in the log needs it, not the erasure: its pages are the database's already.
void Store::Impl::make_sure_of_emptying() {
  if (empty_log() == LogEmptied::disk_full)
    throw SqliteError(SQLITE_FULL, "no room to empty the write-ahead log into the database");
}

/// Erasures are answered once no byte of theirs is left in the files. What was committed stays committed,
/// whatever happens here: this throws nothing.
void Store::Impl::finish_erasures() {
  if (failed_ || !log_to_empty_) return;
  try {
    if (empty_log() != LogEmptied::yes) return;
  } catch (const SqliteError& error) {
    fail(error.what());
    return;
  }
  log_to_empty_ = false;
  if (erasures_.empty()) return;
  options_.post([erasures = std::exchange(erasures_, {})] {
    for (const Erasure& erasure : erasures)
      erasure.done();
  });
}

/// The thread ends: whoever still waits for something unusual is told.
void Store::Impl::refuse_unfinished() {
  for (Erasure& erasure : erasures_) {
    options_.post([refuse = std::move(erasure.refuse)] {
      refuse({"STORE_UNAVAILABLE",
              "erased, but another process that reads the database keeps its log from being emptied"});
    });
  }
  erasures_.clear();
  if (!backup_) return;
  backup_.reset();
  options_.post([done = std::move(backup_done_)] { done(Error{"BACKUP_FAILED", "the daemon is stopping"}); });
}

}  // namespace bankconnect
