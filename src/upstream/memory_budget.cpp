#include "src/upstream/memory_budget.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "bankconnect/await_callback.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;

/// Shares by number, which is their age. Any thread.
class MemoryBudget::State {
 public:
  State(asio::io_context& loop, std::uint64_t bytes) : loop_(loop), bytes_(bytes) {}

  std::uint64_t open() {
    const std::lock_guard lock(mutex_);
    return ++last_number_;
  }
  void close(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto share = shares_.find(number);
    if (share == shares_.end()) return;  // it never grew
    used_ -= share->second.bytes;
    if (share->second.read) settled_ -= share->second.bytes;
    shares_.erase(share);
    grant();
  }
  void settle(std::uint64_t number, std::uint64_t bytes) {
    change([this, number, bytes] {
      Held& held = shares_[number];
      used_ = used_ - held.bytes + bytes;
      settled_ += bytes - (held.read ? held.bytes : 0);
      held.bytes = bytes;
      held.read = true;
    });
  }
  void set_bytes(std::uint64_t bytes) {
    change([this, bytes] { bytes_ = bytes; });
  }
  /// Calls `granted` on the loop, later.
  void grow(std::uint64_t number, std::uint64_t bytes, std::function<void(bool)> granted) {
    change([this, number, bytes, granted = std::move(granted)]() mutable {
      Held& held = shares_[number];
      held.wanted = bytes;
      held.granted = std::move(granted);
    });
  }
  bool try_grow(std::uint64_t number, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (!free(bytes)) return false;
    Held& held = shares_[number];
    used_ += bytes - held.bytes;
    held.bytes = bytes;
    return true;
  }
  bool has(std::uint64_t bytes) const {
    const std::lock_guard lock(mutex_);
    return free(bytes);
  }
  std::uint64_t bytes_of(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto held = shares_.find(number);
    return held == shares_.end() ? 0 : held->second.bytes;
  }
  std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }

 private:
  struct Held {
    std::uint64_t bytes = 0;
    std::uint64_t wanted = 0;
    std::function<void(bool)> granted;  ///< empty: it waits for nothing
    bool read = false;                  ///< its answer
  };

  template <class Change>
  void change(Change&& change) {
    const std::lock_guard lock(mutex_);
    change();
    grant();
  }

  /// Nothing that is read waits for the disk, or less than the whole budget.
  bool drains() const { return settled_ == 0 || settled_ < bytes_; }
  bool free(std::uint64_t bytes) const {
    const auto being_read = [](const auto& share) { return !share.second.read; };
    return used_ + bytes <= bytes_ || (drains() && std::ranges::none_of(shares_, being_read));
  }

  /// In the order of age, up to the first share whose bytes are not free.
  void grant() {
    bool oldest = true;
    for (auto& [number, held] : shares_) {
      if (held.read) continue;
      const bool may_grow = std::exchange(oldest, false) && drains();
      if (!held.granted) continue;
      const std::uint64_t more = held.wanted - std::min(held.wanted, held.bytes);
      if (!may_grow && used_ + more > bytes_) return;
      used_ += more;
      held.bytes += more;
      asio::post(loop_, [granted = std::exchange(held.granted, nullptr)] { granted(true); });
    }
  }

  asio::io_context& loop_;
  mutable std::mutex mutex_;
  std::uint64_t bytes_;
  std::uint64_t used_ = 0;
  std::uint64_t settled_ = 0;  ///< of it, by answers that are read
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Held> shares_;
};

MemoryBudget::Share::Share(std::shared_ptr<State> state)
    : state_(std::move(state)), number_(state_->open()) {}

MemoryBudget::Share::~Share() {
  state_->close(number_);
}

std::uint64_t MemoryBudget::Share::bytes() const {
  return state_->bytes_of(number_);
}

asio::awaitable<void> MemoryBudget::Share::grow(std::uint64_t bytes) {
  const auto ask = [this, bytes](auto granted) { state_->grow(number_, bytes, granted); };
  const bool granted = co_await await_callback<bool>(ask);
  static_cast<void>(granted);
}

bool MemoryBudget::Share::try_grow(std::uint64_t bytes) {
  return state_->try_grow(number_, bytes);
}

void MemoryBudget::Share::settle(std::uint64_t bytes) {
  state_->settle(number_, bytes);
}

MemoryBudget::MemoryBudget(asio::io_context& loop, std::uint64_t bytes)
    : state_(std::make_shared<State>(loop, bytes)) {}

void MemoryBudget::set_bytes(std::uint64_t bytes) {
  state_->set_bytes(bytes);
}

bool MemoryBudget::has(std::uint64_t bytes) const {
  return state_->has(bytes);
}

std::uint64_t MemoryBudget::used() const {
  return state_->used();
}

std::shared_ptr<const Payload> with_share(std::shared_ptr<const Payload> payload,
                                          std::shared_ptr<MemoryBudget::Share> share) {
  share->settle(payload->compressed.size());
  const Payload* const bytes = payload.get();
  return {bytes, [payload = std::move(payload), share = std::move(share)](const Payload*) mutable {
            payload.reset();
            share.reset();
          }};
}

}  // namespace bankconnect::upstream
