// The store's thread: take what is queued, one transaction, one fsync, then answer all of it.
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "src/store/disk.hpp"
#include "src/store/schema.hpp"
#include "src/store/store_impl.hpp"

namespace bankconnect {

using store::Job;
using store::SqliteError;

namespace {

constexpr std::size_t kBatch = 512;
constexpr std::size_t kTimesKept = 1024;
constexpr auto kIdle = std::chrono::milliseconds(1000);
constexpr auto kGather =
    std::chrono::milliseconds(2);            // between two commits, so that those in between share one
constexpr std::uint64_t kRoom = 256 * 1024;  // more than a command and what is committed with it need
constexpr auto kRetry = std::chrono::milliseconds(500);
constexpr auto kLogRetry = std::chrono::milliseconds(20);

/// Of a database that has failed nothing more is wanted: each try might take as long as the one that failed.
Error stopping() {
  return {"STORE_UNAVAILABLE", "the database failed; the daemon is stopping"};
}

Duration percentile(std::vector<Duration> times, double part) {
  if (times.empty()) return Duration::zero();
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

}  // namespace

Store::Impl::Impl(StoreOptions options, int lock_fd, std::unique_ptr<store::Connection> connection)
    : options_(std::move(options)),
      lock_fd_(lock_fd),
      connection_(std::move(connection)),
      tables_(std::make_unique<store::Tables>(*connection_)) {}

Store::Impl::~Impl() {
  close();
  tables_.reset();
  connection_.reset();
  ::close(lock_fd_);
}

void Store::Impl::prepare() {
  log_to_empty_ = empty_log() != LogEmptied::yes;
}

void Store::Impl::push(Job job) {
  std::call_once(started_, [this] { thread_ = std::thread([this] { run(); }); });
  queue_.push(std::move(job));
}

void Store::Impl::close() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Store::Impl::run() {
  bool closed = false;
  while (!closed) {
    std::vector<Job> jobs = queue_.take(kBatch, patience(), closed);
    gather(jobs, closed);

    std::vector<Job> writes = std::move(waiting_);
    waiting_.clear();
    std::vector<Job> reads;
    for (Job& job : jobs)
      (job.kind == Job::Kind::read ? reads : writes).push_back(std::move(job));
    commit_in_order(std::move(writes));
    look_for_room();
    finish_erasures();
    read(reads);
    go_on_with_backup();
  }
  refuse_unfinished();
}

/// Writes are committed as they come, until commits come in a stream: then each waits a moment for the next
/// ones, so that thousands of writes a second cost hundreds of fsyncs on the fastest disk, too.
void Store::Impl::gather(std::vector<Job>& jobs, bool& closed) {
  const auto now = std::chrono::steady_clock::now();
  const auto latest = last_commits_[commits_ % last_commits_.size()];
  const auto earliest = last_commits_[(commits_ + 1) % last_commits_.size()];
  const bool stream = now - earliest < kGather * (last_commits_.size() / 2);
  const bool writes = std::ranges::any_of(jobs, [](const Job& job) { return job.kind != Job::Kind::read; });
  if (!writes || !stream || closed || now >= latest + kGather) return;
  std::this_thread::sleep_until(latest + kGather);
  std::vector<Job> more = queue_.take(kBatch - jobs.size(), std::chrono::milliseconds(0), closed);
  std::ranges::move(more, std::back_inserter(jobs));
}

std::chrono::milliseconds Store::Impl::patience() const {
  if (backup_) return std::chrono::milliseconds(1);
  if (log_to_empty_) return kLogRetry;
  return waiting_.empty() && !disk_full_ ? kIdle : kRetry;
}

/// An erasure has a transaction of its own: where there is no room for it, nobody else is held up. All that
/// follows what was put off is put off, too: the daemon's own writes keep their order.
void Store::Impl::commit_in_order(std::vector<Job> writes) {
  const auto erases = [](const Job& job) { return job.kind == Job::Kind::erase; };
  std::optional<SqliteError> put_off_why;
  for (auto begin = writes.begin(); begin != writes.end();) {
    const bool erasing = erases(*begin);
    const auto end =
        std::find_if(begin, writes.end(), [&](const Job& job) { return erases(job) != erasing; });
    std::vector<Job> part(std::make_move_iterator(begin), std::make_move_iterator(end));
    if (put_off_why) {
      put_off(std::move(part), *put_off_why);
    } else {
      put_off_why = commit(std::move(part));
      if (erasing) put_off_why.reset();
    }
    begin = end;
  }
}

/// Why the jobs were put off, if they were.
std::optional<SqliteError> Store::Impl::commit(std::vector<Job> writes) {
  if (failed_) {
    for (const Job& job : writes)
      refuse(job, stopping());
    return std::nullopt;
  }
  const bool erasing = writes.front().kind == Job::Kind::erase;
  try {
    if (erasing) make_sure_of_emptying();
    if (commit_once(writes)) disk_full_ = false;
  } catch (const SqliteError& error) {
    roll_back();
    if (error.disk_full() || error.busy()) {
      if (!erasing) disk_full_ = error.disk_full();
      put_off(std::move(writes), error);
      return error;
    }
    for (const Job& job : writes)
      refuse(job, {"STORE_UNAVAILABLE", error.what()});
    fail(error.what());
  } catch (const std::exception& error) {  // out of memory, say: nothing of the batch was committed
    roll_back();
    for (const Job& job : writes)
      refuse(job, {"STORE_UNAVAILABLE", error.what()});
    fail(error.what());
  }
  return std::nullopt;
}

void Store::Impl::roll_back() {
  if (connection_->in_transaction())
    sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  tables_->inbox().rolled_back();
}

/// Whether anything was written: a transaction that changed nothing needs no room.
bool Store::Impl::commit_once(const std::vector<Job>& writes) {
  const auto began = std::chrono::steady_clock::now();
  const auto unchanged = sqlite3_total_changes64(connection_->handle());
  std::vector<store::Completion> completions;
  completions.reserve(writes.size());
  bool erased = false;
  connection_->execute("BEGIN IMMEDIATE");
  for (const Job& job : writes) {
    const auto before = sqlite3_total_changes64(connection_->handle());
    completions.push_back(job.work(*tables_));
    if (job.kind == Job::Kind::erase || job.kind == Job::Kind::sweep)
      erased = erased || sqlite3_total_changes64(connection_->handle()) != before;
  }
  const bool wrote = sqlite3_total_changes64(connection_->handle()) != unchanged;
  connection_->execute("COMMIT");
  ++commits_;
  last_commits_[commits_ % last_commits_.size()] = began;
  commit_times_.push_back(std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - began));
  if (commit_times_.size() > kTimesKept) commit_times_.pop_front();
  log_to_empty_ = log_to_empty_ || erased;
  finish_erasures();
  if (log_to_empty_) {  // somebody reads: the erasures wait, nobody else does
    std::vector<store::Completion> ready;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (writes[i].kind == Job::Kind::erase) {
        erasures_.push_back({std::move(completions[i]), writes[i].refuse});
      } else {
        ready.push_back(std::move(completions[i]));
      }
    }
    completions = std::move(ready);
  }
  options_.post([completions = std::move(completions)]() mutable {
    for (store::Completion& completion : completions)
      completion();
  });
  return wrote;
}

/// The disk is full, or another process holds the database: what others asked for is refused, the daemon's
/// own writes wait.
void Store::Impl::put_off(std::vector<Job> writes, const SqliteError& why) {
  const std::string what = why.disk_full() ? "the disk is full: " : "another process holds the database: ";
  for (Job& job : writes) {
    if (job.refuse) {
      refuse(job, {"STORE_UNAVAILABLE", what + why.what()});
    } else {
      waiting_.push_back(std::move(job));
    }
  }
}

void Store::Impl::refuse(const Job& job, const Error& error) const {
  if (job.refuse) options_.post([refuse = job.refuse, error] { refuse(error); });
}

void Store::Impl::read(std::vector<Job>& reads) {
  for (Job& job : reads) {
    if (failed_) {
      refuse(job, stopping());
      continue;
    }
    try {
      options_.post(job.work(*tables_));
    } catch (const SqliteError& error) {
      refuse(job, {"STORE_UNAVAILABLE", error.what()});
      const int code = error.code() & 0xff;
      // The last: its files cannot be locked, which SQLite has tried for ten seconds, as it would for each
      // read.
      if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_PROTOCOL) fail(error.what());
    }
  }
}

void Store::Impl::go_on_with_backup() {
  if (!backup_ || failed_) return;
  Result<void> result;
  try {
    if (!backup_->advance()) return;
  } catch (const SqliteError& error) {
    result = Error{"BACKUP_FAILED", error.what()};
  }
  backup_.reset();
  options_.post([done = std::move(backup_done_), result] { done(result); });
  backup_done_ = nullptr;
}

void Store::Impl::enqueue_backup(std::string path, const std::function<void(Result<void>)>& done) {
  Job job;
  job.kind = Job::Kind::read;
  job.work = [this, path = std::move(path), done](store::Tables&) -> store::Completion {
    if (backup_) return [done] { done(Error{"WRONG_STATE", "a backup is being made already"}); };
    auto started = store::Backup::start(*connection_, path);
    if (started.has_error()) return [done, error = started.error()] { done(error); };
    backup_ = std::move(*started);
    backup_done_ = done;
    return [] {};
  };
  job.refuse = [done](const Error& error) { done(error); };
  push(std::move(job));
}

void Store::Impl::enqueue_own(std::function<store::Completion(store::Tables&)> work) {
  push({Job::Kind::write, std::move(work), nullptr});
}

void Store::Impl::fail(const std::string& why) {
  if (std::exchange(failed_, true)) return;
  options_.post([on_failure = options_.on_failure, why] { on_failure({"STORE_UNAVAILABLE", why}); });
}

void Store::Impl::reserve_room() {
  if (!store::reserve(options_.path + "-wal", kRoom))
    throw SqliteError(SQLITE_FULL, "no room for the write-ahead log");
  disk_full_ = false;
}

/// Where nothing waits to be written, nothing else would find out that there is room again.
void Store::Impl::look_for_room() {
  if (disk_full_ && waiting_.empty() && store::reserve(options_.path + "-wal", kRoom)) disk_full_ = false;
}

StoreFacts Store::Impl::measure(store::Tables& tables) const {
  StoreFacts facts;
  facts.size_bytes = store::size_of(options_.path) + store::size_of(options_.path + "-wal");
  const std::vector<Duration> times(commit_times_.begin(), commit_times_.end());
  facts.commit_p50 = percentile(times, 0.50);
  facts.commit_p99 = percentile(times, 0.99);
  facts.commits = commits_;
  facts.disk_full = disk_full_;
  facts.last_event_seq = tables.last_event_seq();
  facts.last_hint_at = tables.inbox().last_received_at();
  facts.registration = tables.inbox().registration();
  if (const auto oldest = tables.oldest_live()) {
    facts.oldest_live = oldest->first;
    facts.oldest_live_submitted_at = oldest->second;
  }
  return facts;
}

}  // namespace bankconnect
