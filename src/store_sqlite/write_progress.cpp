#include "src/store_sqlite/write_progress.hpp"

#include <algorithm>
#include <vector>

#include "bankconnect/percentile.hpp"

namespace bankconnect::store_sqlite {
namespace {

constexpr std::size_t kTimesKept = 1024;

Duration between(WriteProgress::Time from, WriteProgress::Time to) {
  return std::max(Duration::zero(), std::chrono::ceil<Duration>(to - from));
}

/// Zero when nothing began.
Duration since(const std::optional<WriteProgress::Time>& began, WriteProgress::Time now) {
  return began ? between(*began, now) : Duration::zero();
}

}  // namespace

std::optional<Error> reason_to_refuse(const WriteDelay& delay, std::uint64_t waiting, std::uint64_t bytes) {
  if (delay.oldest >= kHangingWrite) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(delay.oldest).count();
    return Error{ErrorCode::store_unavailable, "the disk does not answer: a write has waited for " +
                                                   std::to_string(seconds) + " s; nothing was stored"};
  }
  if (waiting > 0 && waiting + bytes > kMostWaiting)
    return Error{ErrorCode::store_unavailable, "the disk is slow: " + std::to_string(waiting) +
                                                   " bytes of other requests wait to be written; nothing was "
                                                   "stored"};
  return std::nullopt;
}

void WriteProgress::step_began(Time now) {
  const std::lock_guard lock(mutex_);
  step_began_ = now;
}

void WriteProgress::idle() {
  const std::lock_guard lock(mutex_);
  step_began_.reset();
}

void WriteProgress::commit_began(Time now) {
  const std::lock_guard lock(mutex_);
  step_began_ = commit_began_ = now;
}

void WriteProgress::commit_ended(Time now, Time asked_at) {
  const std::lock_guard lock(mutex_);
  ++commits_;
  commit_times_.push_back(since(commit_began_, now));
  commit_began_.reset();
  if (commit_times_.size() > kTimesKept) commit_times_.pop_front();

  const Duration wait = between(asked_at, now);
  while (!longest_waits_.empty() && longest_waits_.back().wait <= wait)
    longest_waits_.pop_back();
  longest_waits_.push_back({now, wait});
  while (longest_waits_.front().ended + kDelayRemembered < now)
    longest_waits_.pop_front();
}

void WriteProgress::commit_failed() {
  const std::lock_guard lock(mutex_);
  commit_began_.reset();
}

WriteProgress::CommitTimes WriteProgress::commit_times(Time now, std::optional<Time> oldest) const {
  const std::lock_guard lock(mutex_);
  std::vector<Duration> times(commit_times_.begin(), commit_times_.end());
  if (commit_began_) times.push_back(since(commit_began_, now));
  return {commits_, percentile(times, 0.50), std::max(percentile(times, 0.99), since(oldest, now))};
}

WriteDelay WriteProgress::delay(Time now, std::optional<Time> oldest) const {
  const std::lock_guard lock(mutex_);
  WriteDelay delay;
  delay.oldest = since(oldest, now);
  delay.stuck = since(step_began_, now);
  delay.longest = delay.oldest;
  for (const Waited& waited : longest_waits_) {
    if (waited.ended + kDelayRemembered < now) continue;
    delay.longest = std::max(delay.longest, waited.wait);
    break;  // those after it are shorter
  }
  return delay;
}

}  // namespace bankconnect::store_sqlite
