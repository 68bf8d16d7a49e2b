// The store's thread: take what is queued, one transaction, one fsync, then answer all of it.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "src/store/schema.hpp"
#include "src/store/store_impl.hpp"

namespace bankconnect {

using store::Job;
using store::SqliteError;

namespace {

constexpr std::size_t kBatch = 512;
constexpr std::size_t kTimesKept = 1024;
constexpr auto kIdle = std::chrono::milliseconds(1000);
constexpr auto kSpaceRetry = std::chrono::milliseconds(500);

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
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

void Store::Impl::start() {
  thread_ = std::thread([this] { run(); });
}

void Store::Impl::close() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Store::Impl::run() {
  bool closed = false;
  while (!closed) {
    auto patience = kIdle;
    if (!waiting_for_space_.empty()) patience = kSpaceRetry;
    if (backup_) patience = std::chrono::milliseconds(1);
    std::vector<Job> jobs = queue_.take(kBatch, patience, closed);

    std::vector<Job> writes = std::move(waiting_for_space_);
    waiting_for_space_.clear();
    std::vector<Job> reads;
    for (Job& job : jobs) (job.kind == Job::Kind::read ? reads : writes).push_back(std::move(job));
    if (!writes.empty()) commit(std::move(writes));
    read(reads);
    go_on_with_backup();
  }
  backup_.reset();
}

void Store::Impl::commit(std::vector<Job> writes) {
  if (failed_) {
    for (const Job& job : writes) refuse(job, {"STORE_UNAVAILABLE", "the database failed; the daemon is stopping"});
    return;
  }
  try {
    commit_once(writes);
    disk_full_ = false;
  } catch (const SqliteError& error) {
    if (connection_->in_transaction()) sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    if (error.disk_full()) {
      put_off(std::move(writes), error.what());
    } else {
      for (const Job& job : writes) refuse(job, {"STORE_UNAVAILABLE", error.what()});
      fail(error.what());
    }
  }
}

void Store::Impl::commit_once(const std::vector<Job>& writes) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<store::Completion> completions;
  completions.reserve(writes.size());
  bool erases = false;
  connection_->execute("BEGIN IMMEDIATE");
  for (const Job& job : writes) {
    completions.push_back(job.work(*tables_));
    erases = erases || job.kind == Job::Kind::erase;
  }
  connection_->execute("COMMIT");
  ++commits_;
  commit_times_.push_back(std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - began));
  if (commit_times_.size() > kTimesKept) commit_times_.pop_front();
  if (erases) empty_wal();
  options_.post([completions = std::move(completions)]() mutable {
    for (store::Completion& completion : completions) completion();
  });
}

/// Deleted bytes are zeroed in the database, but earlier versions of their pages live on in the write-ahead log
/// until it is emptied.
void Store::Impl::empty_wal() {
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // Another process that reads the database keeps the log from being emptied; the next erasure tries again.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) connection_->fail(code, "emptying the write-ahead log");
}

/// The disk is full: what others asked for is refused, the daemon's own writes wait.
void Store::Impl::put_off(std::vector<Job> writes, const std::string& why) {
  disk_full_ = true;
  for (Job& job : writes) {
    if (job.refuse) {
      refuse(job, {"STORE_UNAVAILABLE", "the disk is full: " + why});
    } else {
      waiting_for_space_.push_back(std::move(job));
    }
  }
}

void Store::Impl::refuse(const Job& job, const Error& error) const {
  if (job.refuse) options_.post([refuse = job.refuse, error] { refuse(error); });
}

void Store::Impl::read(std::vector<Job>& reads) {
  for (Job& job : reads) {
    try {
      options_.post(job.work(*tables_));
    } catch (const SqliteError& error) {
      refuse(job, {"STORE_UNAVAILABLE", error.what()});
      const int code = error.code() & 0xff;
      if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) fail(error.what());
    }
  }
}

void Store::Impl::go_on_with_backup() {
  if (!backup_) return;
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

void Store::Impl::enqueue_backup(std::string path, std::function<void(Result<void>)> done) {
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
  queue_.push(std::move(job));
}

void Store::Impl::enqueue_own(std::function<store::Completion(store::Tables&)> work) {
  queue_.push({Job::Kind::write, std::move(work), nullptr});
}

void Store::Impl::fail(const std::string& why) {
  if (std::exchange(failed_, true)) return;
  options_.post([on_failure = options_.on_failure, why] { on_failure({"STORE_UNAVAILABLE", why}); });
}

StoreFacts Store::Impl::measure(store::Tables& tables) const {
  StoreFacts facts;
  facts.size_bytes = size_of(options_.path) + size_of(options_.path + "-wal");
  const std::vector<Duration> times(commit_times_.begin(), commit_times_.end());
  facts.commit_p50 = percentile(times, 0.50);
  facts.commit_p99 = percentile(times, 0.99);
  facts.commits = commits_;
  facts.disk_full = disk_full_;
  facts.last_event_seq = tables.last_event_seq();
  if (const auto oldest = tables.oldest_live()) {
    facts.oldest_live = oldest->first;
    facts.oldest_live_submitted_at = oldest->second;
  }
  return facts;
}

}  // namespace bankconnect
