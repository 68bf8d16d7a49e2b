// How the writes fare: how long commits take, and whether one is under way that does not end. Any thread; the
// time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "bankconnect/store.hpp"

namespace bankconnect::store_sqlite {

/// Bytes of clients' requests that wait to be written; one that waits alone may be larger.
inline constexpr std::uint64_t kMostWaiting = 64 << 20;

/// Why a client's request of `bytes` is not queued, when `waiting` bytes are: the disk hangs, or more waits
/// than is worth the memory. Nothing: it is queued.
std::optional<Error> reason_to_refuse(const WriteDelay& delay, std::uint64_t waiting, std::uint64_t bytes);

class WriteProgress {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct CommitTimes {
    std::uint64_t commits = 0;
    Duration p50{0};
    Duration p99{0};  ///< at least the age of the oldest write that waits
  };

  /// The store's thread begins with something that may take long. Nothing else is written until it is over.
  void step_began(Time now);
  /// It waits for work.
  void idle();

  void commit_began(Time now);
  /// The batch is on disk; its first write was asked for at `asked_at`.
  void commit_ended(Time now, Time asked_at);
  /// Nothing of the batch was committed.
  void commit_failed();

  /// `oldest`: when the oldest write was asked for that waits; nothing when none does.
  CommitTimes commit_times(Time now, std::optional<Time> oldest) const;
  WriteDelay delay(Time now, std::optional<Time> oldest) const;

 private:
  struct Waited {
    Time ended;
    Duration wait;
  };

  mutable std::mutex mutex_;
  std::optional<Time> step_began_;
  std::optional<Time> commit_began_;
  std::deque<Duration> commit_times_;  ///< the latest
  std::uint64_t commits_ = 0;
  /// Those among the latest that no later one exceeds: the first is the longest.
  std::deque<Waited> longest_waits_;
};

}  // namespace bankconnect::store_sqlite
