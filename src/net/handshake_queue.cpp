#include "src/net/handshake_queue.hpp"

#include <chrono>
#include <utility>

#include "bankconnect/await_callback.hpp"

namespace bankconnect::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kShort = std::chrono::milliseconds(1);

}  // namespace

boost::asio::awaitable<void> HandshakeQueue::turn() {
  const std::shared_ptr<HandshakeQueue> alive = shared_from_this();
  const auto wait = [this](std::function<void(bool)> resume) {
    waiting_.push_back(std::move(resume));
    if (std::exchange(running_, true)) return;
    pause_.expires_after(Clock::duration::zero());
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->next(); });
  };
  const bool came = co_await await_callback<bool>(wait);
  static_cast<void>(came);
}

void HandshakeQueue::next() {
  const auto began = Clock::now();
  const auto resume = std::move(waiting_.front());
  waiting_.pop_front();
  resume(true);
  const auto took = Clock::now() - began;
  if (waiting_.empty()) {
    running_ = false;
    return;
  }
  pause_.expires_after(took > kShort ? took : Clock::duration::zero());
  pause_.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->next(); });
}

}  // namespace bankconnect::net
