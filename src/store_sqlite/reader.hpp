// Reads, by a connection and a thread of their own: they see what is committed, each in one snapshot, and
// wait for no commit. Between them the rows of the sessions are checked for damage, once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "src/store_sqlite/job_queue.hpp"
#include "src/store_sqlite/row_check.hpp"
#include "src/store_sqlite/sqlite.hpp"
#include "src/store_sqlite/tables.hpp"
#include "src/store_sqlite/write_progress.hpp"

namespace bankconnect::store_sqlite {

class Reader {
 public:
  struct Callbacks {
    std::function<void(std::function<void()>)> post;        ///< see SqliteOptions
    std::function<void(const std::string& why)> on_damage;  ///< the database cannot be read; reader's thread
  };

  /// Of a database that is there and has the present schema. Throws SqliteError, and std::system_error when
  /// no thread can be created.
  Reader(const std::string& path, Callbacks callbacks);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Reads what is queued, and ends. Nothing may be asked of it afterwards.
  void stop();
  /// Jobs are carried out from now on.
  void open() { queue_.open(); }
  void push(Job job) { queue_.push(std::move(job)); }
  /// The database failed: what is asked from now on is refused, as each try might take as long as the one
  /// that failed. Any thread.
  void refuse_everything() { refusing_ = true; }
  /// How long the read has taken that is under way; zero when none is. Any thread.
  Duration stuck() const;

  /// While it exists no read is begun, for a moment at most: an open snapshot keeps the write-ahead log from
  /// being truncated.
  class Pause {
   public:
    explicit Pause(Reader& reader);
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Reader& reader_;
  };

 private:
  void run();
  void read(Job& job);
  void check_rows();
  void begin_read();
  void end_read();

  Callbacks callbacks_;
  Connection connection_;
  Tables tables_;
  RowCheck row_check_;
  bool checking_ = true;                              ///< not all rows have been checked
  std::chrono::steady_clock::time_point next_check_;  ///< of some more rows
  JobQueue queue_;
  WriteProgress progress_;
  std::atomic<bool> refusing_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reading_ = false;
  bool paused_ = false;
  bool pause_outlasted_ = false;  ///< reads no longer wait for its end
  std::thread thread_;
};

}  // namespace bankconnect::store_sqlite
