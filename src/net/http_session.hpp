// The server's inside: what its files share.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/http_server.hpp"

namespace bankconnect::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;

/// A request that is not served, and why.
struct Refused {
  int status;
  std::string code;
  std::string message;
};

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(asio::io_context& loop_, ServerLimits limits_, Handler handler_, ErrorBody error_body_)
      : loop(loop_), limits(limits_), handler(std::move(handler_)), error_body(std::move(error_body_)) {}

  void serve(int fd);
  void stop();

  class Session;
  asio::awaitable<void> accept(std::shared_ptr<Acceptor> acceptor);

  asio::io_context& loop;
  const ServerLimits limits;
  const Handler handler;
  const ErrorBody error_body;
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  std::set<Session*> sessions;
  bool stopping = false;
};

/// One connection: requests are read, answered and, while both sides like, followed by more.
class HttpServer::Impl::Session : public Responder, public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Impl> server, asio::generic::stream_protocol::socket socket);
  ~Session() override { server_->sessions.erase(this); }

  asio::awaitable<void> run(std::shared_ptr<Session> self);

  /// The server stops: whatever is not being answered right now ends, streams that wait for something among
  /// it.
  void stop() {
    if (!answering_ || (streaming_ && closed_)) drop();
  }

  void header(std::string name, std::string value) override {
    headers_.emplace_back(std::move(name), std::move(value));
  }
  asio::awaitable<void> send(int status, std::string content_type, std::string body) override;
  asio::awaitable<void> begin(int status, std::string content_type) override;
  asio::awaitable<void> write(std::string chunk) override;
  asio::awaitable<void> end() override;
  bool connected() const override { return connected_; }
  void on_close(std::function<void()> closed) override;

 private:
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> read_request(Request& request, bool& wants_more);
  asio::awaitable<bool> read_header();
  asio::awaitable<void> put(const char* data, std::size_t size);
  asio::awaitable<void> drain();
  asio::awaitable<void> refuse(error_code ec);
  asio::awaitable<void> refuse(Refused refused);
  std::optional<Refused> take_header(const http::request_header<>& header, Request& request) const;
  template <class Body>
  void decorate(http::response<Body>& response, const std::string& content_type);
  void drop() {
    connected_ = false;
    error_code ignored;
    stream_.socket().shutdown(asio::socket_base::shutdown_both, ignored);
    stream_.socket().close(ignored);
    if (const auto closed = std::exchange(closed_, nullptr)) closed();
  }
  void note(error_code ec) {
    if (ec) connected_ = false;
  }

  std::shared_ptr<Impl> server_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::int64_t uid_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::function<void()> closed_;
  bool connected_ = true;
  bool keep_alive_ = true;
  bool answering_ = false;
  bool streaming_ = false;
  bool watching_ = false;  ///< for the other side to go away
  bool head_ = false;
  bool chunked_ = true;       ///< false for an HTTP/1.0 client: its stream ends with the connection
  bool left_unread_ = false;  ///< some of a refused request may still arrive
};

}  // namespace bankconnect::net
