// Bounds the memory that BankConnect's answers take, from the first byte that is read until the payload made
// of it is on disk. Event-loop thread only, but for the end of a share.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "bankconnect/records.hpp"

namespace bankconnect::upstream {

class MemoryBudget {
 public:
  class State;

  /// What one answer has of the budget. It gives its bytes back at the end of its life, on any thread; that
  /// may come after the budget's.
  class Share {
   public:
    explicit Share(std::shared_ptr<State> state);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    std::uint64_t bytes() const;
    /// Has at least `bytes`, once they are free. The oldest share whose answer is still being read gets
    /// whatever it asks for, so that shares do not wait for each other, and an answer larger than the budget
    /// can be read; but not while the answers that are read, and wait to be on disk, have all of the budget.
    boost::asio::awaitable<void> grow(std::uint64_t bytes);
    /// Has them now, or false. For a share that has nothing yet.
    bool try_grow(std::uint64_t bytes);
    /// The answer is read: what is left of it takes `bytes`. Any thread.
    void settle(std::uint64_t bytes);

   private:
    friend class State;
    std::shared_ptr<State> state_;
    std::uint64_t number_;
  };

  MemoryBudget(boost::asio::io_context& loop, std::uint64_t bytes);

  std::shared_ptr<Share> share() { return std::make_shared<Share>(state_); }
  /// From now on. Zero: one answer after the other.
  void set_bytes(std::uint64_t bytes);
  /// Whether a new share would have them at once. Any thread.
  bool has(std::uint64_t bytes) const;
  /// The sum over all shares. Any thread.
  std::uint64_t used() const;

 private:
  std::shared_ptr<State> state_;
};

/// What an answer that is stored has before it is asked for: while the budget is used up, none is.
inline constexpr std::uint64_t kFetchedAtLeast = 1 << 20;

/// The payload made of an answer, with the answer's share, of which it keeps what it takes itself. Any
/// thread.
std::shared_ptr<const Payload> with_share(std::shared_ptr<const Payload> payload,
                                          std::shared_ptr<MemoryBudget::Share> share);

}  // namespace bankconnect::upstream
