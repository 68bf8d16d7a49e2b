#include "bankconnect/http_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <set>

namespace bankconnect::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using Stream = beast::basic_stream<asio::generic::stream_protocol>;

std::int64_t uid_of(Stream& stream) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const int fd = stream.socket().native_handle();
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  return static_cast<std::int64_t>(credentials.uid);
}

std::string media_type(std::string_view content_type) {
  std::string out(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// What is wrong with a header that Beast took, or nothing.
std::optional<std::string> fault_in(const http::request_header<>& header) {
  if (header.version() == 11 && header.count(http::field::host) != 1) return "exactly one Host header is expected";
  const auto encoding = header.find(http::field::transfer_encoding);
  if (encoding != header.end() && !beast::iequals(encoding->value(), "chunked")) {
    return "the only Transfer-Encoding accepted is chunked";
  }
  if (header.count(http::field::content_length) > 1) return "Content-Length is given more than once";
  if (encoding != header.end() && header.count(http::field::content_length) > 0) {
    return "Content-Length and Transfer-Encoding exclude each other";
  }
  return std::nullopt;
}

struct Refused {
  int status;
  std::string code;
  std::string message;
};

Refused refusal_of(error_code ec) {
  if (ec == http::error::body_limit) return {413, "PAYLOAD_TOO_LARGE", "the body is larger than allowed"};
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return {431, "BAD_REQUEST", "the header is larger than allowed"};
  }
  if (ec == beast::error::timeout) return {408, "BAD_REQUEST", "the request did not arrive in time"};
  return {400, "BAD_REQUEST", "not an HTTP/1.1 request: " + ec.message()};
}

}  // namespace

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(asio::io_context& loop_, ServerLimits limits_, Handler handler_, ErrorBody error_body_)
      : loop(loop_), limits(limits_), handler(std::move(handler_)), error_body(std::move(error_body_)) {}

  void serve(int fd);
  void stop();

  class Session;
  asio::awaitable<void> accept(std::shared_ptr<asio::basic_socket_acceptor<asio::generic::stream_protocol>> acceptor);

  asio::io_context& loop;
  const ServerLimits limits;
  const Handler handler;
  const ErrorBody error_body;
  std::vector<std::shared_ptr<asio::basic_socket_acceptor<asio::generic::stream_protocol>>> acceptors;
  std::set<Session*> sessions;
  bool stopping = false;
};

/// One connection: requests are read, answered and, while both sides like, followed by more.
class HttpServer::Impl::Session : public Responder, public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Impl> server, asio::generic::stream_protocol::socket socket)
      : server_(std::move(server)), stream_(std::move(socket)), uid_(uid_of(stream_)) {
    server_->sessions.insert(this);
  }
  ~Session() override { server_->sessions.erase(this); }

  asio::awaitable<void> run(std::shared_ptr<Session> self);

  /// The server stops: whatever is not being answered right now ends.
  void stop() {
    if (!answering_ || streaming_) drop();
  }

  void header(std::string name, std::string value) override { headers_.emplace_back(std::move(name), std::move(value)); }
  asio::awaitable<void> send(int status, std::string content_type, std::string body) override;
  asio::awaitable<void> begin(int status, std::string content_type) override;
  asio::awaitable<void> write(std::string chunk) override;
  asio::awaitable<void> end() override;
  bool connected() const override { return connected_; }
  void on_close(std::function<void()> closed) override;

 private:
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> read_request(Request& request, bool& wants_more);
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
  bool head_ = false;
};

asio::awaitable<void> HttpServer::Impl::Session::run(std::shared_ptr<Session> self) {
  const std::shared_ptr<Session> alive = std::move(self);
  bool more = true;
  while (more) more = co_await serve_one();
  if (connected_) {
    error_code ignored;
    stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }
  drop();
}

asio::awaitable<bool> HttpServer::Impl::Session::serve_one() {
  Request request;
  request.peer_uid = uid_;
  bool wants_more = false;
  const bool read = co_await read_request(request, wants_more);
  if (!read) co_return false;
  keep_alive_ = wants_more && !server_->stopping;
  answering_ = true;
  headers_.clear();
  co_await server_->handler(request, *this);
  answering_ = false;
  closed_ = nullptr;
  co_return connected_ && keep_alive_;
}

asio::awaitable<bool> HttpServer::Impl::Session::read_request(Request& request, bool& wants_more) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(server_->limits.max_header);
  parser.body_limit(server_->limits.max_body);
  stream_.expires_after(server_->limits.header_timeout);
  auto header_read = co_await http::async_read_header(stream_, buffer_, parser, kTuple);
  const error_code header_error = std::get<0>(header_read);
  if (header_error) {
    co_await refuse(header_error);
    co_return false;
  }
  std::optional<Refused> refused = take_header(parser.get().base(), request);
  if (refused) {
    co_await refuse(std::move(*refused));
    co_return false;
  }
  stream_.expires_after(server_->limits.body_timeout);
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    auto written = co_await http::async_write(stream_, go_on, kTuple);
    const error_code write_error = std::get<0>(written);
    if (write_error) co_return false;
  }
  auto body_read = co_await http::async_read(stream_, buffer_, parser, kTuple);
  const error_code body_error = std::get<0>(body_read);
  if (body_error) {
    co_await refuse(body_error);
    co_return false;
  }
  head_ = parser.get().method() == http::verb::head;
  wants_more = parser.get().keep_alive();
  request.body = std::move(parser.get().body());
  co_return true;
}

std::optional<Refused> HttpServer::Impl::Session::take_header(const http::request_header<>& header,
                                                              Request& request) const {
  if (auto fault = fault_in(header)) return Refused{400, "BAD_REQUEST", *fault};
  const auto target = boost::urls::parse_origin_form(header.target());
  if (target.has_error()) return Refused{400, "BAD_REQUEST", "the request target is not a path"};
  request.method = std::string(header.method_string());
  request.path = target->path();
  for (const auto& parameter : target->params()) {
    request.query.emplace_back(std::string(parameter.key), std::string(parameter.value));
  }
  request.content_type = media_type(std::string(header[http::field::content_type]));
  return std::nullopt;
}

asio::awaitable<void> HttpServer::Impl::Session::refuse(error_code ec) {
  const bool went_away = ec == http::error::end_of_stream || ec == asio::error::connection_reset ||
                         ec == asio::error::operation_aborted ||
                         (ec == beast::error::timeout && buffer_.size() == 0);
  if (went_away) {
    note(ec);
    co_return;
  }
  Refused refused = refusal_of(ec);
  co_await refuse(std::move(refused));
}

asio::awaitable<void> HttpServer::Impl::Session::refuse(Refused refused) {
  keep_alive_ = false;
  headers_.clear();
  std::string body = server_->error_body(refused.code, refused.message);
  std::string type = "application/json";
  co_await send(refused.status, std::move(type), std::move(body));
}

template <class Body>
void HttpServer::Impl::Session::decorate(http::response<Body>& response, const std::string& content_type) {
  if (!content_type.empty()) response.set(http::field::content_type, content_type);
  response.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : headers_) response.set(name, value);
  // After a refusal nobody can be sure where the next request begins.
  if (response.result_int() >= 400) keep_alive_ = false;
  response.keep_alive(keep_alive_);
}

asio::awaitable<void> HttpServer::Impl::Session::send(int status, std::string content_type, std::string body) {
  http::response<http::string_body> response(static_cast<http::status>(status), 11);
  decorate(response, content_type);
  if (status != 204) {
    response.content_length(body.size());
    if (!head_) response.body() = std::move(body);
  }
  stream_.expires_after(server_->limits.write_timeout);
  auto written = co_await http::async_write(stream_, response, kTuple);
  note(std::get<0>(written));
}

asio::awaitable<void> HttpServer::Impl::Session::begin(int status, std::string content_type) {
  http::response<http::empty_body> response(static_cast<http::status>(status), 11);
  decorate(response, content_type);
  response.chunked(true);
  http::response_serializer<http::empty_body> serializer(response);
  streaming_ = true;
  stream_.expires_after(server_->limits.write_timeout);
  auto written = co_await http::async_write_header(stream_, serializer, kTuple);
  note(std::get<0>(written));
}

asio::awaitable<void> HttpServer::Impl::Session::write(std::string chunk) {
  const std::string owned = std::move(chunk);
  if (owned.empty() || !connected_) co_return;
  stream_.expires_after(server_->limits.write_timeout);
  const auto body = http::make_chunk(asio::const_buffer(owned.data(), owned.size()));
  auto written = co_await asio::async_write(stream_, body, kTuple);
  note(std::get<0>(written));
  stream_.expires_never();
}

asio::awaitable<void> HttpServer::Impl::Session::end() {
  streaming_ = false;
  if (!connected_) co_return;
  const auto last = http::make_chunk_last();
  stream_.expires_after(server_->limits.write_timeout);
  auto written = co_await asio::async_write(stream_, last, kTuple);
  note(std::get<0>(written));
}

void HttpServer::Impl::Session::on_close(std::function<void()> closed) {
  closed_ = std::move(closed);
  stream_.socket().async_wait(asio::socket_base::wait_read, [self = shared_from_this()](error_code ec) {
    if (!self->closed_) return;
    char byte = 0;
    const bool gone = ec || ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    if (!gone) return;
    self->connected_ = false;
    if (const auto told = std::exchange(self->closed_, nullptr)) told();
  });
}

asio::awaitable<void> HttpServer::Impl::accept(
    std::shared_ptr<asio::basic_socket_acceptor<asio::generic::stream_protocol>> acceptor) {
  const auto listening = std::move(acceptor);
  const auto server = shared_from_this();
  asio::steady_timer breath(loop);
  while (!server->stopping) {
    auto accepted = co_await listening->async_accept(kTuple);
    const error_code ec = std::get<0>(accepted);
    if (server->stopping) break;
    if (ec || server->sessions.size() >= server->limits.max_connections) {
      // Out of descriptors, or too many at once (that one is closed): others get their turn before the next.
      breath.expires_after(std::chrono::milliseconds(ec ? 100 : 1));
      auto waited = co_await breath.async_wait(kTuple);
      static_cast<void>(waited);
      continue;
    }
    auto session = std::make_shared<Session>(server, std::move(std::get<1>(accepted)));
    asio::co_spawn(server->loop, session->run(session), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
}

void HttpServer::Impl::serve(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  auto acceptor = std::make_shared<asio::basic_socket_acceptor<asio::generic::stream_protocol>>(loop);
  acceptor->assign(asio::generic::stream_protocol(address.ss_family, 0), fd);
  acceptors.push_back(acceptor);
  asio::co_spawn(loop, accept(acceptor), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

void HttpServer::Impl::stop() {
  stopping = true;
  error_code ignored;
  for (const auto& acceptor : acceptors) acceptor->close(ignored);
  const std::vector<Session*> open(sessions.begin(), sessions.end());
  for (Session* session : open) session->stop();
}

HttpServer::HttpServer(asio::io_context& loop, ServerLimits limits, Handler handler, ErrorBody error_body)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(handler), std::move(error_body))) {}
HttpServer::~HttpServer() = default;
void HttpServer::serve(int listening_fd) { impl_->serve(listening_fd); }
void HttpServer::stop() { impl_->stop(); }
std::uint32_t HttpServer::connections() const { return static_cast<std::uint32_t>(impl_->sessions.size()); }

}  // namespace bankconnect::net
