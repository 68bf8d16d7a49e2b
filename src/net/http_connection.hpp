// One connection: reads requests one after the other, has each answered by the handler, and ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/net/http_header.hpp"
#include "src/net/http_server_impl.hpp"
#include "src/net/stream.hpp"

namespace bankconnect::net {

class HttpConnection final : private BodyStream, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServer::Impl> server, std::unique_ptr<Stream> stream);
  ~HttpConnection() override;

  asio::awaitable<void> run(std::shared_ptr<HttpConnection> self);

  /// The server stops. A connection without a request ends, and so does a stream that waits for more to send;
  /// a request that has begun to arrive is still read and answered.
  void stop();
  void close() { enter(Phase::closed); }
  /// No byte waits to be read. A connection that is being written to counts as such, whatever arrived
  /// meanwhile.
  bool input_empty() const;

 private:
  enum class Phase : std::uint8_t {
    silent,     ///< no byte has arrived
    handshake,  ///< of TLS, some of which has arrived
    idle,       ///< no byte of a request has arrived
    header,     ///< part of one has
    body,       ///< a header has, and part of the body it announces is missing
    answering,  ///< the handler works, or its response is written
    streaming,  ///< a response is written piece by piece
    lingering,  ///< the last response was written
    closed
  };
  /// Sets what belongs to a phase: deadline, place in the eviction order, resources. `closed` is final.
  void enter(Phase phase);

  // http_request.cpp
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> read_request(Request& request);
  asio::awaitable<bool> receive_header();
  asio::awaitable<bool> receive_body(std::string& body);
  asio::awaitable<bool> receive(std::size_t most);
  std::optional<Rejection> parse_header(Request& request);
  bool reserve_body(std::uint64_t bytes);
  std::string_view buffered() const;

  // http_response.cpp
  asio::awaitable<void> send(Response response);
  asio::awaitable<void> send_stream(Response response);
  asio::awaitable<void> refuse(Rejection rejection);
  asio::awaitable<void> send_continue();
  asio::awaitable<void> write_bytes(std::string_view bytes);
  asio::awaitable<void> write_slice(std::string_view slice);
  asio::awaitable<void> linger();
  std::string header_of(const Response& response, std::optional<std::uint64_t> length);

  // For a response that is a stream.
  asio::awaitable<void> write(std::string chunk) override;
  bool connected() const override { return phase_ != Phase::closed; }
  void on_close(std::function<void()> closed) override;
  void watch_for_close();

  void wait_for(Wait what) {
    server_->connection_limits.begin_wait(id_, what, std::chrono::steady_clock::now());
  }
  asio::awaitable<bool> secure();
  void expires_after(Duration time) { stream_->expires_at(std::chrono::steady_clock::now() + time); }

  std::shared_ptr<HttpServer::Impl> server_;
  ConnectionLimits::Id id_;
  std::unique_ptr<Stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::int64_t peer_uid_;
  Phase phase_ = Phase::silent;
  Framing framing_;
  /// When the request being read began to arrive; of the first request: when the connection was accepted.
  std::optional<Deadline> begun_;
  std::function<void()> closed_;
  bool keep_alive_ = true;
  bool answered_ = false;  ///< a request, before
  bool writing_ = false;
  bool watching_ = false;      ///< a wait for the peer to close is pending
  bool input_unread_ = false;  ///< part of a refused request may still arrive
};

}  // namespace bankconnect::net
