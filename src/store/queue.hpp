// What other threads want of the store's thread: the one place in the daemon with a mutex.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "bankconnect/error.hpp"

namespace bankconnect::store {

class Tables;

/// Told to its owner after the batch it belongs to reached the disk.
using Completion = std::function<void()>;

struct Job {
  /// `erase` is answered once no byte is left in any file; `sweep`, which erases too, when it is committed.
  enum class Kind : std::uint8_t { write, erase, sweep, read } kind = Kind::read;
  /// Does the work, in a transaction for writes, and returns what to post when it is durable.
  std::function<Completion(Tables&)> work;
  /// Told instead when the work could not be done. Absent: the work is the daemon's own and waits for space.
  std::function<void(const Error&)> refuse;
};

class Queue {
 public:
  void push(Job job) {
    {
      const std::lock_guard lock(mutex_);
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

  /// Takes up to `most` jobs in order, waiting at most `patience` for the first. Sets `closed` once the queue
  /// was closed and everything in it has been handed out.
  std::vector<Job> take(std::size_t most, std::chrono::milliseconds patience, bool& closed) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, patience, [this] { return closed_ || !jobs_.empty(); });
    std::vector<Job> taken;
    while (!jobs_.empty() && taken.size() < most) {
      taken.push_back(std::move(jobs_.front()));
      jobs_.pop_front();
    }
    closed = closed_ && jobs_.empty();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  bool closed_ = false;
};

}  // namespace bankconnect::store
