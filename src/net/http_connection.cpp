// The life of a connection: its phases, and how it ends.
#include "src/net/http_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace bankconnect::net {

namespace {

constexpr std::size_t kMaxDrained = 4 * 1024 * 1024;  // bytes read and dropped of a refused request
constexpr std::size_t kDrainAtOnce = 4096;

/// Of the other end of a Unix socket, else -1.
std::int64_t peer_uid_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  if (credentials.uid == static_cast<uid_t>(-1)) return -1;
  return static_cast<std::int64_t>(credentials.uid);
}

/// Which of `events`, or of the socket's failures, hold now.
short poll_now(int fd, short events) {
  pollfd polled{fd, events, 0};
  ::poll(&polled, 1, 0);
  return polled.revents;
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpServer::Impl> server, std::unique_ptr<Stream> stream)
    : server_(std::move(server)),
      id_(server_->connection_limits.add()),
      stream_(std::move(stream)),
      peer_uid_(peer_uid_of(stream_->descriptor())) {
  server_->connections.emplace(id_, this);
}

HttpConnection::~HttpConnection() {
  server_->connection_limits.remove(id_);
  server_->connections.erase(id_);
}

asio::awaitable<void> HttpConnection::run(std::shared_ptr<HttpConnection> self) {
  const std::shared_ptr<HttpConnection> alive = std::move(self);
  enter(Phase::silent);
  bool more = co_await secure();
  if (!more) enter(Phase::closed);
  while (more)
    more = co_await serve_one();
  if (connected()) co_await linger();
  enter(Phase::closed);
}

/// With TLS, the handshake. False: it failed.
asio::awaitable<bool> HttpConnection::secure() {
  if (!stream_->is_tls()) co_return true;
  auto error = co_await stream_->receive_first();
  if (error) co_return false;
  enter(Phase::handshake);
  error = co_await stream_->receive_rest();
  if (error) co_return false;
  server_->connection_limits.end_wait(id_);  // it waits for the server, and is not to be evicted for that
  co_await server_->handshakes->turn();
  if (!connected()) co_return false;
  wait_for(Wait::more);
  error = co_await stream_->handshake();
  co_return !error;
}

void HttpConnection::enter(Phase phase) {
  if (phase_ == Phase::closed) return;
  phase_ = phase;
  const Deadline now = std::chrono::steady_clock::now();
  const ServerLimits& limits = server_->limits;
  switch (phase) {
    case Phase::silent:
      begun_ = now;
      wait_for(Wait::first_byte);
      stream_->expires_at(now + limits.header_timeout);
      break;
    case Phase::handshake: wait_for(Wait::more); break;
    case Phase::idle:
      if (answered_ || stream_->is_tls()) {
        server_->connection_limits.end_wait(id_);  // a handshake's wait is over
        wait_for(Wait::more);
      }
      // The deadline of a new connection's first header goes on.
      if (!begun_) stream_->expires_at(now + limits.idle_timeout);
      break;
    case Phase::header:
      if (!begun_) begun_ = now;
      wait_for(Wait::more);
      stream_->expires_at(*begun_ + limits.header_timeout);
      break;
    case Phase::body:
      stream_->expires_at(std::min(*begun_ + limits.request_timeout, now + limits.body_timeout));
      break;
    case Phase::answering:
      begun_.reset();
      answered_ = true;
      if (buffer_.size() == 0) {
        buffer_.clear();
        buffer_.shrink_to_fit();
      }
      server_->connection_limits.end_wait(id_);
      break;
    case Phase::streaming: break;
    case Phase::lingering:
      server_->connection_limits.linger(id_);
      server_->wake_listeners();
      break;
    case Phase::closed:
      stream_->close();
      server_->connection_limits.remove(id_);
      server_->connections.erase(id_);
      server_->wake_listeners();
      if (const auto closed = std::exchange(closed_, nullptr)) closed();
      break;
  }
}

void HttpConnection::stop() {
  const bool no_request = phase_ == Phase::silent || phase_ == Phase::handshake || phase_ == Phase::idle ||
                          phase_ == Phase::lingering;
  const bool waits_for_more = phase_ == Phase::streaming && closed_;
  if (no_request || waits_for_more) close();
}

bool HttpConnection::input_empty() const {
  return writing_ || (poll_now(stream_->descriptor(), POLLIN) & POLLIN) == 0;
}

/// Closing a socket that has unread input resets the connection, which may destroy the response before the
/// client has read it: what still arrives of a refused request is read and dropped for a while.
asio::awaitable<void> HttpConnection::linger() {
  std::vector<char> bytes(kDrainAtOnce);
  enter(Phase::lingering);
  co_await stream_->shutdown_send();
  if (!input_unread_ || !connected()) co_return;
  expires_after(std::min<Duration>(server_->limits.body_timeout, std::chrono::seconds(1)));
  const asio::mutable_buffer space = asio::buffer(bytes);
  std::size_t drained = 0;
  error_code error;
  while (!error && drained < kMaxDrained) {
    const std::size_t size = co_await stream_->discard_some(space, &error);
    drained += size;
  }
}

void HttpConnection::on_close(std::function<void()> closed) {
  closed_ = std::move(closed);
  // One pending wait serves all callbacks: it ends only when the peer sends or closes.
  if (!std::exchange(watching_, true)) watch_for_close();
}

void HttpConnection::watch_for_close() {
  stream_->async_wait_readable([self = shared_from_this()](error_code ec) {
    self->watching_ = false;
    if (!self->closed_) return;
    const int fd = self->stream_->descriptor();
    if (!ec && (poll_now(fd, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)) == 0) {
      // Input that is not read would keep the socket readable, and the peer's close unnoticed.
      std::array<char, kDrainAtOnce> stray{};
      if (::recv(fd, stray.data(), stray.size(), MSG_DONTWAIT) > 0) {
        self->keep_alive_ = false;
        self->input_unread_ = true;
      }
      self->watching_ = true;
      self->watch_for_close();
      return;
    }
    self->enter(Phase::closed);
    // The connection was closed before `on_close` was called.
    if (const auto closed = std::exchange(self->closed_, nullptr)) closed();
  });
}

}  // namespace bankconnect::net
