// The SQLite store's parts: the queue, the thread that owns the writing connection, the reader, the backup in
// progress.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>

#include "bankconnect/store_sqlite.hpp"
#include "src/store_sqlite/backup.hpp"
#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/instance_lock.hpp"
#include "src/store_sqlite/job_queue.hpp"
#include "src/store_sqlite/reader.hpp"
#include "src/store_sqlite/tables.hpp"
#include "src/store_sqlite/write_progress.hpp"

namespace bankconnect::store_sqlite {

class ThreadedStore final : public SqliteStore {
 public:
  /// Takes over the instance lock, and truncates the write-ahead log an earlier run left. Throws SqliteError,
  /// and std::system_error when no thread can be created.
  ThreadedStore(SqliteOptions options, InstanceLock lock, std::unique_ptr<Connection> connection);
  ~ThreadedStore() override;

  /// The threads begin with what is queued; the store's own owns the tables from then on.
  void start() {
    queue_.open();
    reader_->open();
  }
  /// For the caller's thread, before `start`.
  Tables& tables_before_start() { return *tables_; }
  const std::string& path() const { return options_.path; }
  bool left_open() const { return left_open_; }

  // What is asked of it (store.cpp).
  void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) override;
  void write(SessionWrite write, std::function<void(Committed, Written)> done) override;
  void check_writable(Done<void> done) override;
  void resume(Done<void> done) override;
  bool writable() const override { return !disk_full_ && write_delay().oldest < kHangingWrite; }
  void store_webhook(WebhookWrite write, Done<StoredWebhook> done) override;
  void erase(SessionId id, Done<std::optional<State>> done) override;
  void load(SessionId id, Done<std::optional<SessionRecord>> done) override;
  void session(SessionId id, Done<std::optional<SessionRecord>> done) override;
  void sessions(SessionQuery query, Done<SessionPage> done) override;
  void payload(SessionId id, Call kind, Done<std::optional<Payload>> done) override;
  void report(SessionId id, ReportName name, Done<std::optional<Payload>> done) override;
  void events(EventQuery query, Done<EventPage> done) override;
  void webhooks(WebhookQuery query, Done<WebhookPage> done) override;
  void facts(Done<StoreFacts> done) override;
  WriteDelay write_delay() const override;
  void save_clock(const ClockSnapshot& snapshot, Done<void> done) override;
  void save_registration(Registration registration, Done<void> done) override;
  void sweep(Elapsed before, Wall events_before, std::uint32_t limit, Done<Swept> done) override;
  void expire_unclaimed(Elapsed now, Done<bool> done) override;
  void backup(std::string path, Done<void> done) override;
  void close() override;

 private:
  /// An erasure that is committed; completes when its bytes have left the files.
  struct Erasure {
    Completion done;
    std::function<void(const Error&)> refuse;
  };
  enum class Checkpoint : std::uint8_t { done, blocked_by_reader, disk_full };
  using Clock = std::chrono::steady_clock;

  template <class T, class Work>
  static Job job_of(Job::Kind kind, Work work, Done<T> done);
  template <class T, class Work>
  void enqueue(Job::Kind kind, Work work, Done<T> done);
  template <class T, class Work>
  void enqueue_for_client(Job::Kind kind, std::uint64_t bytes, Work work, Done<T> done);
  template <class T, class Work>
  void enqueue_read(Work work, Done<T> done);
  StoreFacts measure(Tables& tables) const;

  // The thread (thread.cpp).
  void run();
  void coalesce(std::vector<Job>& jobs, bool& closed);
  std::chrono::milliseconds timeout() const;
  void commit_in_order(std::vector<Job> writes);
  std::optional<SqliteError> commit(std::vector<Job> writes);
  bool commit_once(const std::vector<Job>& writes);
  void remember_commit(Clock::time_point began, Clock::time_point asked_at);
  std::optional<Clock::time_point> oldest_deferred() const;
  void roll_back();
  void defer(std::vector<Job> writes, const SqliteError& why);
  void refuse(const Job& job, const Error& error) const;
  void refuse_all(const std::vector<Job>& jobs, const std::string& why) const;
  void read(std::vector<Job>& reads);
  void advance_backup();
  void fail(const std::string& why);
  void check_files_in_place() const;
  void reserve_space();
  void probe_disk();

  // Erasures (erasures.cpp).
  Checkpoint truncate_wal();
  void ensure_checkpoint_possible();
  void finish_erasures();
  std::vector<Completion> hold_back_erasures(const std::vector<Job>& writes,
                                             std::vector<Completion> completions);
  void refuse_unfinished();

  SqliteOptions options_;
  InstanceLock lock_;  ///< released last
  bool left_open_ = false;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Tables> tables_;
  JobQueue queue_;
  std::unique_ptr<Reader> reader_;
  std::thread thread_;
  std::atomic<bool> disk_full_ = false;  ///< set by the store's thread
  std::atomic<bool> held_ = false;       ///< by another process; set by the store's thread
  std::atomic<bool> failed_ = false;     ///< set by either thread
  WriteProgress progress_;

  // Store's thread only.
  std::vector<FileIdentity> files_;  ///< the database and its write-ahead log
  std::vector<Job> deferred_;        ///< until there is space, or until another process releases the database
  std::vector<Erasure> erasures_;
  bool wal_holds_erased_ = false;  ///< the write-ahead log may hold bytes of erased sessions
  std::unique_ptr<Backup> backup_;
  Done<void> backup_done_;
  std::deque<Clock::time_point> recent_commits_;  ///< when they began
};

template <class T, class Work>
Job ThreadedStore::job_of(Job::Kind kind, Work work, Done<T> done) {
  Job job;
  job.kind = kind;
  job.work = [work = std::move(work), done](Tables& tables) -> Completion {
    return [value = work(tables), done]() mutable { done(std::move(value)); };
  };
  job.refuse = [done](const Error& error) { done(error); };
  return job;
}

template <class T, class Work>
void ThreadedStore::enqueue(Job::Kind kind, Work work, Done<T> done) {
  queue_.push(job_of<T>(kind, std::move(work), std::move(done)));
}

/// `bytes`: the memory that it takes while it waits.
template <class T, class Work>
void ThreadedStore::enqueue_for_client(Job::Kind kind, std::uint64_t bytes, Work work, Done<T> done) {
  if (const auto error = reason_to_refuse(write_delay(), queue_.bytes(), bytes)) {
    options_.post([done = std::move(done), error] { done(*error); });
    return;
  }
  Job job = job_of<T>(kind, std::move(work), std::move(done));
  job.bytes = bytes;
  queue_.push(std::move(job));
}

template <class T, class Work>
void ThreadedStore::enqueue_read(Work work, Done<T> done) {
  reader_->push(job_of<T>(Job::Kind::read, std::move(work), std::move(done)));
}

}  // namespace bankconnect::store_sqlite
