// Writing answers: whole, or as a stream; and the connection's own life.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <ctime>
#include <sstream>

#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {

constexpr std::size_t kSlice = 64 * 1024;          // written under one deadline
constexpr std::size_t kDrained = 4 * 1024 * 1024;  // read and dropped of a refused request, at most
constexpr std::size_t kDrainAtOnce = 4096;

std::int64_t uid_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  if (credentials.uid == static_cast<uid_t>(-1)) return -1;  // not a Unix socket
  return static_cast<std::int64_t>(credentials.uid);
}

/// Now, as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text, size};
}

/// Which of `events` hold of a socket, or that it failed.
short events_at(int fd, short events) {
  pollfd polled{fd, events, 0};
  ::poll(&polled, 1, 0);
  return polled.revents;
}

}  // namespace

HttpServer::Impl::Session::Session(std::shared_ptr<Impl> server, std::unique_ptr<Wire> wire)
    : server_(std::move(server)), wire_(std::move(wire)), uid_(uid_of(wire_->descriptor())) {
  server_->sessions.insert(this);
}

HttpServer::Impl::Session::~Session() {
  end_waiting();
  let_go();
  server_->sessions.erase(this);
}

asio::awaitable<void> HttpServer::Impl::Session::run(std::shared_ptr<Session> self) {
  const std::shared_ptr<Session> alive = std::move(self);
  begun_ = std::chrono::steady_clock::now();
  begin_waiting();
  wire_->expires_at(begun_ + server_->limits.header_timeout);
  auto shaken = co_await wire_->shake_hands();
  bool more = !shaken;
  if (shaken) connected_ = false;
  while (more)
    more = co_await serve_one();
  if (connected_) co_await take_leave();
  drop();
}

void HttpServer::Impl::Session::drop() {
  connected_ = false;
  wire_->close();
  end_waiting();
  let_go();
  server_->sessions.erase(this);
  server_->room_made();
  if (const auto closed = std::exchange(closed_, nullptr)) closed();
}

/// From here on the connection makes room for others when there are too many.
void HttpServer::Impl::Session::begin_waiting() {
  if (buffer_.size() == 0) {
    buffer_.clear();
    buffer_.shrink_to_fit();
  }
  wait_among(server_->waiting);
}

void HttpServer::Impl::Session::wait_among(std::list<Session*>& others) {
  end_waiting();
  place_ = others.insert(others.end(), this);
  others_ = &others;
  waits_since_ = std::chrono::steady_clock::now();
}

void HttpServer::Impl::Session::end_waiting() {
  if (auto* const others = std::exchange(others_, nullptr)) others->erase(place_);
}

bool HttpServer::Impl::Session::gives_way() const {
  if (std::chrono::steady_clock::now() < waits_since_ + server_->limits.fair_chance) return false;
  return writing_ || (events_at(wire_->descriptor(), POLLIN) & POLLIN) == 0;
}

/// The last answer is written: what follows is a courtesy, for as long as nobody else wants the place.
asio::awaitable<void> HttpServer::Impl::Session::take_leave() {
  std::list<Session*>& others = server_->lingering;
  let_go();
  wait_among(others);
  server_->room_made();
  co_await wire_->end_writing();
  if (left_unread_) co_await drain();
}

/// Closing with bytes unread would take the answer away from the client before it has read it.
asio::awaitable<void> HttpServer::Impl::Session::drain() {
  std::size_t drained = 0;
  std::vector<char> bytes(kDrainAtOnce);
  const asio::mutable_buffer space = asio::buffer(bytes);
  expires_after(std::min<Duration>(server_->limits.body_timeout, std::chrono::seconds(1)));
  ErrorCode error;
  while (!error && drained < kDrained) {
    const std::size_t size = co_await wire_->discard_some(space, &error);
    drained += size;
  }
}

/// Everything before the body. `length`: of the body; nothing: it is chunked, or ends with the connection.
std::string HttpServer::Impl::Session::head_of(int status, const std::string& content_type,
                                               std::optional<std::uint64_t> length) {
  http::response<http::empty_body> response(static_cast<http::status>(status), 11);
  response.set(http::field::date, http_date());
  if (!content_type.empty()) response.set(http::field::content_type, content_type);
  response.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : headers_)
    response.set(name, value);
  // After a rejection nobody can be sure where the next request begins; a server that stops takes none.
  if (status >= 400 || server_->stopping) keep_alive_ = false;
  response.keep_alive(keep_alive_);
  if (length) response.content_length(*length);
  if (!length && framing_.http11 && status != 204) response.chunked(true);
  std::ostringstream text;
  text << response.base();
  return std::move(text).str();
}

asio::awaitable<void> HttpServer::Impl::Session::send(int status, std::string content_type,
                                                      std::string body) {
  std::string rest = std::move(body);
  std::optional<std::uint64_t> length;
  if (status != 204) length = rest.size();
  std::string head = head_of(status, content_type, length);
  const bool has_body = status != 204 && !head_;
  if (has_body && rest.size() <= kSlice) {
    head += rest;
    rest.clear();
  }
  co_await put(head);
  if (has_body) co_await put(rest);
}

/// Writes a slice at a time, each with a deadline of its own: a reader may be slow, but not stop.
asio::awaitable<void> HttpServer::Impl::Session::put(std::string_view bytes) {
  std::string_view rest = bytes;
  while (!rest.empty() && connected_) {
    // A header may come with a whole slice behind it.
    const std::string_view slice = rest.substr(0, 2 * kSlice);
    rest.remove_prefix(slice.size());
    expires_after(server_->limits.write_timeout);
    begin_waiting();  // for a reader, who may be none
    co_await write_out(slice);
    end_waiting();
  }
  if (connected_) wire_->expires_never();
}

asio::awaitable<void> HttpServer::Impl::Session::write_out(std::string_view bytes) {
  const std::string_view all = bytes;
  writing_ = true;
  auto error = co_await wire_->write(all);
  writing_ = false;
  if (error) connected_ = false;
}

asio::awaitable<void> HttpServer::Impl::Session::begin(int status, std::string content_type) {
  if (!framing_.http11) keep_alive_ = false;
  const std::string head = head_of(status, content_type, std::nullopt);
  streaming_ = true;
  co_await put(head);
}

asio::awaitable<void> HttpServer::Impl::Session::write(std::string chunk) {
  std::string owned = std::move(chunk);
  if (owned.empty() || !connected_ || head_) co_return;
  if (framing_.http11) {
    char size[32];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", owned.size());
    owned.insert(0, size, static_cast<std::size_t>(digits));
    owned += "\r\n";
  }
  co_await put(owned);
}

asio::awaitable<void> HttpServer::Impl::Session::end() {
  streaming_ = false;
  if (!connected_ || !framing_.http11 || head_) co_return;
  const std::string_view last = "0\r\n\r\n";
  co_await put(last);
}

bool HttpServer::Impl::Session::claim_place() {
  if (has_place_) return true;
  if (server_->places_taken >= std::max(1U, server_->limits.max_connections / 2)) return false;
  ++server_->places_taken;
  has_place_ = true;
  return true;
}

void HttpServer::Impl::Session::on_close(std::function<void()> closed) {
  closed_ = std::move(closed);
  // One wait serves however many wishes: it ends only when the other side sends something or goes away.
  if (!std::exchange(watching_, true)) watch();
}

void HttpServer::Impl::Session::watch() {
  wire_->when_readable([self = shared_from_this()](ErrorCode ec) {
    self->watching_ = false;
    if (!self->closed_) return;
    const int fd = self->wire_->descriptor();
    if (!ec && (events_at(fd, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)) == 0) {
      // Left where they are, bytes would hide the end that comes behind them.
      std::array<char, kDrainAtOnce> stray{};
      if (::recv(fd, stray.data(), stray.size(), MSG_DONTWAIT) > 0) {
        self->keep_alive_ = false;
        self->left_unread_ = true;
      }
      self->watching_ = true;
      self->watch();
      return;
    }
    self->connected_ = false;
    if (const auto told = std::exchange(self->closed_, nullptr)) told();
  });
}

}  // namespace bankconnect::net
