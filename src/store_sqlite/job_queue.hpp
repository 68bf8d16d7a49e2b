// What other threads ask of one of the store's threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "bankconnect/error.hpp"

namespace bankconnect::store_sqlite {

class Tables;

/// Posted to the event loop once the transaction it belongs to is on disk.
using Completion = std::function<void()>;

struct Job {
  /// `erase` completes once no byte is left in any file; `sweep`, which erases too, when it is committed;
  /// `read` is in no transaction.
  enum class Kind : std::uint8_t { write, erase, sweep, read } kind = Kind::read;
  /// Does the work, in a transaction unless it reads, and returns what to post when it is durable.
  std::function<Completion(Tables&)> work;
  /// Called instead when the work cannot be done. Empty for the daemon's own writes, which are deferred.
  std::function<void(const Error&)> refuse;
  std::uint64_t bytes = 0;  ///< memory held by what a client sent; counts until the job is taken
  std::chrono::steady_clock::time_point asked_at = std::chrono::steady_clock::now();
};

class JobQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void push(Job job) {
    {
      const std::lock_guard lock(mutex_);
      bytes_ += job.bytes;
      jobs_.push_back(std::move(job));
    }
    ready_.notify_one();
  }
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_one();
  }
  /// Lets `wait_until_open` return; jobs may be pushed before.
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    ready_.notify_one();
  }

  /// Waits until the queue is opened or closed.
  void wait_until_open() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return open_ || closed_; });
  }

  /// Takes up to `most` jobs in order, waiting at most `timeout` for the first. Sets `closed` once the queue
  /// was closed and is empty.
  std::vector<Job> take(std::size_t most, std::chrono::milliseconds timeout, bool& closed) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, timeout, [this] { return closed_ || !jobs_.empty(); });
    std::vector<Job> taken;
    if (!jobs_.empty() && !in_hand_) in_hand_ = jobs_.front().asked_at;
    while (!jobs_.empty() && taken.size() < most) {
      bytes_ -= jobs_.front().bytes;
      taken.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    closed = closed_ && jobs_.empty();
    return taken;
  }
  /// What was taken is done but for deferred jobs, of which the oldest was asked for at `deferred`.
  void handled(std::optional<Time> deferred) {
    const std::lock_guard lock(mutex_);
    in_hand_ = deferred;
  }
  /// When the oldest job was asked for that is not done; nothing when all are.
  std::optional<Time> oldest() const {
    const std::lock_guard lock(mutex_);
    if (in_hand_) return in_hand_;
    return jobs_.empty() ? std::nullopt : std::optional(jobs_.front().asked_at);
  }
  /// The sum of Job::bytes over the jobs that were not taken yet.
  std::uint64_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  std::optional<Time> in_hand_;
  std::uint64_t bytes_ = 0;
  bool open_ = false;
  bool closed_ = false;
};

}  // namespace bankconnect::store_sqlite
