// The store's inside: the thread, the batch, the backup in progress.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

#include "bankconnect/store.hpp"
#include "src/store/backup.hpp"
#include "src/store/queue.hpp"
#include "src/store/tables.hpp"
#include "statemachine/machine.hpp"

namespace bankconnect {

class Store::Impl {
 public:
  Impl(StoreOptions options, int lock_fd, std::unique_ptr<store::Connection> connection);
  ~Impl();

  /// Empties the log an earlier run left behind. Throws SqliteError.
  void prepare();
  void close();

  /// Queues work whose completion carries `done(result)`.
  template <class T, class Work>
  void enqueue(store::Job::Kind kind, Work work, std::function<void(Result<T>)> done);
  void enqueue_own(std::function<store::Completion(store::Tables&)> work);
  void enqueue_backup(std::string path, const std::function<void(Result<void>)>& done);

  StoreFacts measure(store::Tables& tables) const;
  bool full() const { return disk_full_; }
  /// Reserves room at the end of the write-ahead log for what comes next. Throws when there is none. Store
  /// thread.
  void reserve_room();
  template <class Read>
  auto read_at_start(const Read& read) {
    require(!thread_.joinable(), "the store is read at the start, before anything is asked of it");
    try {
      return read(*tables_);
    } catch (const store::SqliteError& error) {
      throw StoreUnreadable(options_.path + ": " + error.what());
    }
  }

 private:
  /// An erasure that is committed; answered when its bytes have left the files.
  struct Erasure {
    store::Completion done;
    std::function<void(const Error&)> refuse;
  };

  /// The connection is whoever's who opened it until the first job, and the thread's from then on.
  void push(store::Job job);
  void run();
  void gather(std::vector<store::Job>& jobs, bool& closed);
  std::chrono::milliseconds patience() const;
  void commit_in_order(std::vector<store::Job> writes);
  std::optional<store::SqliteError> commit(std::vector<store::Job> writes);
  void roll_back();
  bool commit_once(const std::vector<store::Job>& writes);
  void put_off(std::vector<store::Job> writes, const store::SqliteError& why);
  enum class LogEmptied : std::uint8_t { yes, somebody_reads, disk_full };
  LogEmptied empty_log();
  void make_sure_of_emptying();
  void look_for_room();
  void finish_erasures();
  void refuse_unfinished();
  void read(std::vector<store::Job>& reads);
  void go_on_with_backup();
  void fail(const std::string& why);
  void refuse(const store::Job& job, const Error& error) const;

  StoreOptions options_;
  int lock_fd_;
  std::unique_ptr<store::Connection> connection_;
  std::unique_ptr<store::Tables> tables_;
  store::Queue queue_;
  std::once_flag started_;
  std::thread thread_;

  // Store thread only.
  std::vector<store::Job> waiting_;  ///< for space, or for another process to let go of the database
  std::vector<Erasure> erasures_;
  bool log_to_empty_ = false;            ///< the write-ahead log may hold bytes of erased sessions
  std::atomic<bool> disk_full_ = false;  ///< the store thread sets it
  bool failed_ = false;
  std::unique_ptr<store::Backup> backup_;
  std::function<void(Result<void>)> backup_done_;
  std::deque<Duration> commit_times_;
  std::uint64_t commits_ = 0;
  /// When the last commits began; that of commit n is at n modulo their number.
  std::array<std::chrono::steady_clock::time_point, 8> last_commits_{};
};

template <class T, class Work>
void Store::Impl::enqueue(store::Job::Kind kind, Work work, std::function<void(Result<T>)> done) {
  store::Job job;
  job.kind = kind;
  job.work = [work = std::move(work), done](store::Tables& tables) -> store::Completion {
    return [value = work(tables), done]() mutable { done(std::move(value)); };
  };
  job.refuse = [done](const Error& error) { done(error); };
  push(std::move(job));
}

}  // namespace bankconnect
