// Erasure: what is deleted from the tables has to leave the files, too, before the erasure completes.
#include <utility>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/schema.hpp"
#include "src/store_sqlite/sqlite_store.hpp"

namespace bankconnect::store_sqlite {

/// Deleted bytes are zeroed in the database, but earlier versions of their pages stay in the write-ahead log
/// until it is truncated, and in the page cache, from where a later write of such a page would bring them
/// back.
ThreadedStore::Checkpoint ThreadedStore::truncate_wal() {
  const std::int64_t pages = connection_->integer("PRAGMA page_count");
  const std::int64_t page_size = connection_->integer("PRAGMA page_size");
  // Not tried where it cannot succeed: it would use up the last of the disk first.
  if (!can_grow(options_.path, static_cast<std::uint64_t>(pages * page_size))) return Checkpoint::disk_full;
  sqlite3* const handle = connection_->handle();
  sqlite3_busy_timeout(handle, 0);  // other commits do not wait for another process that reads
  // Most of the work is done while reads go on.
  sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const Reader::Pause pause(*reader_);
  const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) return Checkpoint::blocked_by_reader;
  try {
    if (code != SQLITE_OK) connection_->fail(code, "truncating the write-ahead log");
  } catch (const SqliteError& error) {
    if (error.disk_full()) return Checkpoint::disk_full;
    throw;
  }
  sqlite3_db_release_memory(handle);
  return Checkpoint::done;
}

/// Before an erasure: one that is committed and then finds no space for the checkpoint would keep its client
/// waiting. The pages in the log need the space, not the erasure, which only frees pages.
void ThreadedStore::ensure_checkpoint_possible() {
  if (truncate_wal() == Checkpoint::disk_full)
    throw SqliteError(SQLITE_FULL, "no space to move the write-ahead log into the database");
}

/// Erasures complete once no byte of theirs is left in the files. What is committed stays committed, so this
/// throws nothing.
void ThreadedStore::finish_erasures() {
  if (failed_ || !wal_holds_erased_) return;
  try {
    if (truncate_wal() != Checkpoint::done) return;
  } catch (const SqliteError& error) {
    fail(error.what());
    return;
  }
  wal_holds_erased_ = false;
  if (erasures_.empty()) return;
  options_.post([erasures = std::exchange(erasures_, {})] {
    for (const Erasure& erasure : erasures)
      erasure.done();
  });
}

/// A reader blocks the checkpoint: erasures wait, the other writes complete. Returns theirs.
std::vector<Completion> ThreadedStore::hold_back_erasures(const std::vector<Job>& writes,
                                                          std::vector<Completion> completions) {
  std::vector<Completion> ready;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (writes[i].kind == Job::Kind::erase) {
      erasures_.push_back({std::move(completions[i]), writes[i].refuse});
    } else {
      ready.push_back(std::move(completions[i]));
    }
  }
  return ready;
}

/// The thread ends: what waits for something rare is refused.
void ThreadedStore::refuse_unfinished() {
  for (Erasure& erasure : erasures_) {
    options_.post([refuse = std::move(erasure.refuse)] {
      refuse({ErrorCode::store_unavailable,
              "erased, but another process that reads the database keeps its log from being truncated"});
    });
  }
  erasures_.clear();
  if (!backup_) return;
  backup_.reset();
  options_.post([done = std::move(backup_done_)] {
    done(Error{ErrorCode::backup_failed, "the daemon is stopping"});
  });
}

}  // namespace bankconnect::store_sqlite
