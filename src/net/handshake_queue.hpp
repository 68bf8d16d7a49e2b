// Paces TLS handshakes: the signature of one takes milliseconds of the event loop, and senders decide how
// many begin at once. One begins a turn of the loop, and after one that took long, the loop has as much time
// for everything else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>

namespace bankconnect::net {

class HandshakeQueue : public std::enable_shared_from_this<HandshakeQueue> {
 public:
  explicit HandshakeQueue(boost::asio::io_context& loop) : pause_(loop) {}

  /// Completes when it is the caller's turn; in the order of the calls. The caller goes on at once, so that
  /// the time it takes until it waits for its peer is known.
  boost::asio::awaitable<void> turn();

 private:
  void next();

  boost::asio::steady_timer pause_;
  std::deque<std::function<void(bool)>> waiting_;
  bool running_ = false;  ///< `next` will be called
};

}  // namespace bankconnect::net
