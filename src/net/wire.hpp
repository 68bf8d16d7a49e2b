// The bytes of one connection, plain or TLS, under one deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace bankconnect::net {

using ErrorCode = boost::system::error_code;

/// A certificate and its key, ready for use.
struct TlsIdentity {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
};

class Wire {
 public:
  virtual ~Wire() = default;

  /// With TLS, shakes hands; else nothing. Returns what went wrong.
  virtual boost::asio::awaitable<ErrorCode> shake_hands() = 0;
  /// Bytes read; 0 with `*error` set.
  virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer into,
                                                        ErrorCode* error) = 0;
  /// All of `bytes`. Returns what went wrong.
  virtual boost::asio::awaitable<ErrorCode> write(std::string_view bytes) = 0;
  /// Says that nothing more will be written, and does not wait for the other side to say the same.
  virtual boost::asio::awaitable<void> end_writing() = 0;
  /// Reads and drops what still arrives, below TLS: how much; 0 with `*error` set.
  virtual boost::asio::awaitable<std::size_t> discard_some(boost::asio::mutable_buffer into,
                                                           ErrorCode* error) = 0;
  virtual void close() = 0;

  /// Whatever is under way at `deadline` fails with a timeout, and the connection is closed.
  virtual void expires_at(std::chrono::steady_clock::time_point deadline) = 0;
  virtual void expires_never() = 0;

  /// Tells, once, when something can be read or the other side is gone.
  virtual void when_readable(std::function<void(ErrorCode)> told) = 0;
  virtual int descriptor() = 0;
};

/// `identity` null: plain.
std::unique_ptr<Wire> make_wire(boost::asio::generic::stream_protocol::socket socket,
                                std::shared_ptr<TlsIdentity> identity);

}  // namespace bankconnect::net
