// The store's thread: take what is queued, commit it in one transaction with one fsync, then complete all of
// it.
#include <pthread.h>

#include <algorithm>
#include <iterator>

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/sqlite_store.hpp"

namespace bankconnect::store_sqlite {
namespace {

constexpr std::size_t kBatch = 512;
constexpr std::size_t kRecentCommits = 8;
constexpr auto kIdle = std::chrono::milliseconds(1000);
constexpr auto kCoalesce = std::chrono::milliseconds(2);  // between commits of a stream, which then share one
constexpr std::uint64_t kReserved = 256 * 1024;  // more than a command and what is committed with it need
constexpr auto kRetry = std::chrono::milliseconds(500);
constexpr auto kCheckpointRetry = std::chrono::milliseconds(20);
constexpr auto kBackupPause = std::chrono::milliseconds(1);

}  // namespace

void ThreadedStore::run() {
  ::pthread_setname_np(::pthread_self(), "store");
  queue_.wait_until_open();
  bool closed = false;
  while (!closed) {
    std::vector<Job> jobs = queue_.take(kBatch, timeout(), closed);
    progress_.step_began(Clock::now());
    coalesce(jobs, closed);

    std::vector<Job> writes = std::move(deferred_);
    deferred_.clear();
    std::vector<Job> reads;
    for (Job& job : jobs)
      (job.kind == Job::Kind::read ? reads : writes).push_back(std::move(job));
    commit_in_order(std::move(writes));
    probe_disk();
    finish_erasures();
    read(reads);
    queue_.handled(oldest_deferred());
    // A copy may end with a long flush of another disk. What waits for it shows by its age.
    progress_.idle();
    advance_backup();
  }
  refuse_unfinished();
}

/// Writes are committed as they come, until commits come in a stream: then each waits a moment for the next
/// writes, so that thousands a second cost hundreds of fsyncs on the fastest disk, too.
void ThreadedStore::coalesce(std::vector<Job>& jobs, bool& closed) {
  if (closed || recent_commits_.size() < kRecentCommits) return;
  const auto now = Clock::now();
  const auto next = recent_commits_.back() + kCoalesce;
  const bool stream = now - recent_commits_.front() < kCoalesce * (kRecentCommits / 2);
  const bool writes = std::ranges::any_of(jobs, [](const Job& job) { return job.kind != Job::Kind::read; });
  if (!writes || !stream || now >= next) return;
  std::this_thread::sleep_until(next);
  std::vector<Job> more = queue_.take(kBatch - jobs.size(), std::chrono::milliseconds(0), closed);
  std::ranges::move(more, std::back_inserter(jobs));
}

std::chrono::milliseconds ThreadedStore::timeout() const {
  if (backup_) return kBackupPause;
  if (wal_holds_erased_) return kCheckpointRetry;
  return deferred_.empty() && !disk_full_ ? kIdle : kRetry;
}

std::optional<ThreadedStore::Clock::time_point> ThreadedStore::oldest_deferred() const {
  if (deferred_.empty()) return std::nullopt;
  return deferred_.front().asked_at;
}

/// An erasure has a transaction of its own: where there is no space for it, other writes go on. What follows
/// a deferred write is deferred, too, so that the daemon's own writes keep their order.
void ThreadedStore::commit_in_order(std::vector<Job> writes) {
  const auto erases = [](const Job& job) { return job.kind == Job::Kind::erase; };
  std::optional<SqliteError> deferred;
  for (auto begin = writes.begin(); begin != writes.end();) {
    const bool erasing = erases(*begin);
    const auto end =
        std::find_if(begin, writes.end(), [&](const Job& job) { return erases(job) != erasing; });
    std::vector<Job> part(std::make_move_iterator(begin), std::make_move_iterator(end));
    if (deferred) {
      defer(std::move(part), *deferred);
    } else {
      deferred = commit(std::move(part));
      if (erasing) deferred.reset();
    }
    begin = end;
  }
}

/// Returns why the jobs were deferred, if they were.
std::optional<SqliteError> ThreadedStore::commit(std::vector<Job> writes) {
  if (failed_) {
    refuse_all(writes, "the database failed; the daemon is stopping");
    return std::nullopt;
  }
  const bool erasing = writes.front().kind == Job::Kind::erase;
  try {
    if (erasing) ensure_checkpoint_possible();
    if (commit_once(writes)) disk_full_ = false;
    held_ = false;
  } catch (const SqliteError& error) {
    roll_back();
    if (error.disk_full() || error.busy()) {
      if (!erasing) disk_full_ = error.disk_full();
      held_ = error.busy();
      defer(std::move(writes), error);
      return error;
    }
    refuse_all(writes, error.what());
    fail(error.what());
  } catch (const std::exception& error) {  // out of memory, for one: nothing of the batch was committed
    roll_back();
    refuse_all(writes, error.what());
    fail(error.what());
  }
  return std::nullopt;
}

void ThreadedStore::roll_back() {
  progress_.commit_failed();
  if (connection_->in_transaction())
    sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  tables_->inbox().rolled_back();
}

/// Returns whether anything was written: a transaction that changed nothing needs no space.
bool ThreadedStore::commit_once(const std::vector<Job>& writes) {
  const auto began = Clock::now();
  progress_.commit_began(began);
  const auto changes = [this] { return sqlite3_total_changes64(connection_->handle()); };
  const auto unchanged = changes();
  std::vector<Completion> completions;
  completions.reserve(writes.size());
  bool erased = false;
  connection_->execute("BEGIN IMMEDIATE");
  for (const Job& job : writes) {
    const auto before = changes();
    completions.push_back(job.work(*tables_));
    if (job.kind == Job::Kind::erase || job.kind == Job::Kind::sweep) erased = erased || changes() != before;
  }
  const bool wrote = changes() != unchanged;
  connection_->execute("COMMIT");
  check_files_in_place();
  remember_commit(began, writes.front().asked_at);
  wal_holds_erased_ = wal_holds_erased_ || erased;
  finish_erasures();
  if (wal_holds_erased_) completions = hold_back_erasures(writes, std::move(completions));
  options_.post([completions = std::move(completions)]() mutable {
    for (Completion& completion : completions)
      completion();
  });
  return wrote;
}

/// A commit to a file that has no name any longer is lost with the daemon: throws before it is acknowledged.
void ThreadedStore::check_files_in_place() const {
  for (const FileIdentity& file : files_) {
    if (file.replaced())
      throw SqliteError(SQLITE_IOERR, file.path() + " was deleted, moved or replaced while it was in use");
  }
}

void ThreadedStore::remember_commit(Clock::time_point began, Clock::time_point asked_at) {
  recent_commits_.push_back(began);
  if (recent_commits_.size() > kRecentCommits) recent_commits_.pop_front();
  progress_.commit_ended(Clock::now(), asked_at);
}

/// The disk is full, or another process holds the database: what clients asked for is refused, the daemon's
/// own writes are kept for later.
void ThreadedStore::defer(std::vector<Job> writes, const SqliteError& why) {
  const std::string what = why.disk_full() ? "the disk is full: " : "another process holds the database: ";
  for (Job& job : writes) {
    if (job.refuse) {
      refuse(job, {ErrorCode::store_unavailable, what + why.what()});
    } else {
      job.asked_at = Clock::now();  // the time until now is no delay of the disk's
      deferred_.push_back(std::move(job));
    }
  }
}

void ThreadedStore::refuse(const Job& job, const Error& error) const {
  if (job.refuse) options_.post([refuse = job.refuse, error] { refuse(error); });
}

void ThreadedStore::refuse_all(const std::vector<Job>& jobs, const std::string& why) const {
  for (const Job& job : jobs)
    refuse(job, {ErrorCode::store_unavailable, why});
}

/// What is read in order with the writes. After a failure nothing more is tried: each try might take as long
/// as the one that failed.
void ThreadedStore::read(std::vector<Job>& reads) {
  for (Job& job : reads) {
    if (failed_) {
      refuse(job, {ErrorCode::store_unavailable, "the database failed; the daemon is stopping"});
      continue;
    }
    try {
      options_.post(job.work(*tables_));
    } catch (const SqliteError& error) {
      refuse(job, {ErrorCode::store_unavailable, error.what()});
      const int code = error.code() & 0xff;
      // The last one: the file cannot be locked. SQLite has tried for ten seconds, and would for each read.
      if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_PROTOCOL) fail(error.what());
    }
  }
}

void ThreadedStore::advance_backup() {
  if (!backup_ || failed_) return;
  Result<void> result;
  try {
    if (!backup_->advance()) return;
  } catch (const SqliteError& error) {
    result = Error{ErrorCode::backup_failed, error.what()};
  }
  backup_.reset();
  options_.post([done = std::exchange(backup_done_, nullptr), result] { done(result); });
}

void ThreadedStore::fail(const std::string& why) {
  if (failed_.exchange(true)) return;
  reader_->refuse_everything();
  options_.post([on_failure = options_.on_failure, why] { on_failure({ErrorCode::store_unavailable, why}); });
}

/// Within a transaction: preallocates space at the end of the write-ahead log for what comes next; throws
/// when there is none. Where quotas are, or volumes that promise more than they have, that may succeed while
/// writes fail: after one that did, a write has to show that there is space.
void ThreadedStore::reserve_space() {
  if (!reserve(options_.path + "-wal", kReserved))
    throw SqliteError(SQLITE_FULL, "no space for the write-ahead log");
  if (disk_full_) tables_->write_nothing_new();
}

/// While nothing waits to be written, no commit would find out that there is space again.
void ThreadedStore::probe_disk() {
  if (!disk_full_ || !deferred_.empty() || failed_) return;
  Job probe;
  probe.kind = Job::Kind::write;
  probe.work = [this](Tables&) -> Completion {
    reserve_space();
    return [] {};
  };
  probe.refuse = [](const Error&) {};
  std::vector<Job> writes;
  writes.push_back(std::move(probe));
  commit(std::move(writes));
}

}  // namespace bankconnect::store_sqlite
