// Writing answers: whole, or as a stream; and the connection's own life.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {

constexpr std::size_t kSlice = 64 * 1024;          // written under one deadline
constexpr std::size_t kDrained = 4 * 1024 * 1024;  // read and dropped of a refused request, at most
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

std::int64_t uid_of(Stream& stream) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const int fd = stream.socket().native_handle();
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  if (credentials.uid == static_cast<uid_t>(-1)) return -1;  // not a Unix socket
  return static_cast<std::int64_t>(credentials.uid);
}

}  // namespace

HttpServer::Impl::Session::Session(std::shared_ptr<Impl> server,
                                   asio::generic::stream_protocol::socket socket)
    : server_(std::move(server)), stream_(std::move(socket)), uid_(uid_of(stream_)) {
  server_->sessions.insert(this);
}

asio::awaitable<void> HttpServer::Impl::Session::run(std::shared_ptr<Session> self) {
  const std::shared_ptr<Session> alive = std::move(self);
  bool more = true;
  while (more)
    more = co_await serve_one();
  if (connected_) {
    error_code ignored;
    stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    if (left_unread_) co_await drain();
  }
  drop();
}

/// Closing with bytes unread would take the answer away from the client before it has read it.
asio::awaitable<void> HttpServer::Impl::Session::drain() {
  std::size_t drained = 0;
  stream_.expires_after(std::min<Duration>(server_->limits.body_timeout, std::chrono::seconds(1)));
  while (drained < kDrained) {
    buffer_.clear();
    auto space = buffer_.prepare(kSlice);
    auto arrived = co_await stream_.async_read_some(space, kTuple);
    if (std::get<0>(arrived)) co_return;
    drained += std::get<1>(arrived);
  }
}

template <class Body>
void HttpServer::Impl::Session::decorate(http::response<Body>& response, const std::string& content_type) {
  if (!content_type.empty()) response.set(http::field::content_type, content_type);
  response.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : headers_)
    response.set(name, value);
  // After a refusal nobody can be sure where the next request begins.
  if (response.result_int() >= 400) keep_alive_ = false;
  response.keep_alive(keep_alive_);
}

asio::awaitable<void> HttpServer::Impl::Session::send(int status, std::string content_type,
                                                      std::string body) {
  const std::string rest = std::move(body);
  const bool has_body = status != 204 && !head_;
  const bool at_once = has_body && rest.size() <= kSlice;
  http::response<http::string_body> response(static_cast<http::status>(status), 11);
  decorate(response, content_type);
  if (status != 204) response.content_length(rest.size());
  if (at_once) response.body() = rest;
  http::response_serializer<http::string_body> serializer(response);
  serializer.split(!at_once);
  stream_.expires_after(server_->limits.write_timeout);
  if (at_once) {
    auto written = co_await http::async_write(stream_, serializer, kTuple);
    note(std::get<0>(written));
    co_return;
  }
  auto written = co_await http::async_write_header(stream_, serializer, kTuple);
  note(std::get<0>(written));
  if (has_body) co_await put(rest.data(), rest.size());
}

/// Writes a slice at a time, each with a deadline of its own: a reader may be slow, but not stop.
asio::awaitable<void> HttpServer::Impl::Session::put(const char* data, std::size_t size) {
  std::size_t at = 0;
  for (; at < size && connected_; at += kSlice) {
    const auto slice = asio::buffer(data + at, std::min(kSlice, size - at));
    stream_.expires_after(server_->limits.write_timeout);
    auto written = co_await asio::async_write(stream_, slice, kTuple);
    note(std::get<0>(written));
  }
  stream_.expires_never();
}

asio::awaitable<void> HttpServer::Impl::Session::begin(int status, std::string content_type) {
  http::response<http::empty_body> response(static_cast<http::status>(status), 11);
  if (!chunked_) keep_alive_ = false;
  decorate(response, content_type);
  if (chunked_) response.chunked(true);
  http::response_serializer<http::empty_body> serializer(response);
  streaming_ = true;
  stream_.expires_after(server_->limits.write_timeout);
  auto written = co_await http::async_write_header(stream_, serializer, kTuple);
  note(std::get<0>(written));
}

asio::awaitable<void> HttpServer::Impl::Session::write(std::string chunk) {
  std::string owned = std::move(chunk);
  if (owned.empty() || !connected_ || head_) co_return;
  if (chunked_) {
    char size[32];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", owned.size());
    owned.insert(0, size, static_cast<std::size_t>(digits));
    owned += "\r\n";
  }
  co_await put(owned.data(), owned.size());
}

asio::awaitable<void> HttpServer::Impl::Session::end() {
  streaming_ = false;
  if (!connected_ || !chunked_ || head_) co_return;
  const auto last = http::make_chunk_last();
  stream_.expires_after(server_->limits.write_timeout);
  auto written = co_await asio::async_write(stream_, last, kTuple);
  note(std::get<0>(written));
}

void HttpServer::Impl::Session::on_close(std::function<void()> closed) {
  closed_ = std::move(closed);
  // One wait serves however many wishes: it ends only when the other side sends something or goes away.
  if (std::exchange(watching_, true)) return;
  stream_.socket().async_wait(asio::socket_base::wait_read, [self = shared_from_this()](error_code ec) {
    self->watching_ = false;
    if (!self->closed_) return;
    char byte = 0;
    const bool gone =
        ec || ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    if (!gone) return;
    self->connected_ = false;
    if (const auto told = std::exchange(self->closed_, nullptr)) told();
  });
}

}  // namespace bankconnect::net
