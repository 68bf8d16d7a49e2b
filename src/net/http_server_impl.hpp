// The server's listeners and what its connections share.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bankconnect/http_server.hpp"
#include "src/net/connection_limits.hpp"
#include "src/net/handshake_queue.hpp"

namespace bankconnect::net {

namespace asio = boost::asio;

class HttpConnection;

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(asio::io_context& loop_, ServerLimits limits_, Handler handler_, ErrorBody error_body_,
       HeaderCheck check_)
      : loop(loop_),
        limits(limits_),
        handler(std::move(handler_)),
        error_body(std::move(error_body_)),
        header_check(std::move(check_)),
        connection_limits(limits_),
        handshakes(std::make_shared<HandshakeQueue>(loop_)) {}

  void serve(int fd);
  void stop_listening();
  void stop();
  /// A connection ended, or may now be evicted: the listeners that paused look again.
  void wake_listeners();
  /// Closes the connection. Fine when it is closed already.
  void evict(ConnectionLimits::Id id);

  asio::io_context& loop;
  const ServerLimits limits;
  const Handler handler;
  const ErrorBody error_body;
  const HeaderCheck header_check;
  std::shared_ptr<TlsIdentity> identity;
  ConnectionLimits connection_limits;
  const std::shared_ptr<HandshakeQueue> handshakes;
  std::unordered_map<ConnectionLimits::Id, HttpConnection*> connections;
  bool stopping = false;

 private:
  struct Listener {
    explicit Listener(asio::io_context& loop) : acceptor(loop), pause(loop) {}
    asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
    asio::steady_timer pause;  ///< before the next attempt to accept; cancelled by `wake_listeners`
  };

  asio::awaitable<void> accept(std::shared_ptr<Listener> from);
  Duration accept_one(Listener& listener);
  bool make_room();

  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace bankconnect::net
