// The bytes of one connection, plain or TLS, under one deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "bankconnect/tls_identity.hpp"

namespace bankconnect::net {

using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

struct TlsIdentity {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
};

class Stream {
 public:
  virtual ~Stream() = default;

  virtual bool is_tls() const = 0;
  /// With TLS: the first bytes of the handshake; and what is missing of the message that they begin, if it is
  /// no longer than a ClientHello may be. Returns what went wrong.
  virtual boost::asio::awaitable<error_code> receive_first() = 0;
  virtual boost::asio::awaitable<error_code> receive_rest() = 0;
  /// With TLS: the server's part of the handshake, after `receive_rest`. Returns what went wrong.
  virtual boost::asio::awaitable<error_code> handshake() = 0;
  /// The number of bytes read; 0 with `*error` set.
  virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                        error_code* error) = 0;
  /// All of `bytes`. Returns what went wrong.
  virtual boost::asio::awaitable<error_code> write(std::string_view bytes) = 0;
  /// Announces the end of what is written (TLS: close_notify, then FIN) without waiting for the peer's.
  virtual boost::asio::awaitable<void> shutdown_send() = 0;
  /// Reads, below TLS, and drops: the number of bytes; 0 with `*error` set.
  virtual boost::asio::awaitable<std::size_t> discard_some(boost::asio::mutable_buffer into,
                                                           error_code* error) = 0;
  virtual void close() = 0;

  /// The operation under way at `deadline` fails with a timeout, and the connection is closed.
  virtual void expires_at(Deadline deadline) = 0;
  virtual void expires_never() = 0;

  /// Calls back once, when bytes can be read or the peer has closed.
  virtual void async_wait_readable(std::function<void(error_code)> callback) = 0;
  virtual int descriptor() = 0;
};

/// `identity` null: plain.
std::unique_ptr<Stream> make_stream(boost::asio::generic::stream_protocol::socket socket,
                                    std::shared_ptr<TlsIdentity> identity);

}  // namespace bankconnect::net
