// Reading requests, strictly: whatever is not plain is refused, and the connection with it.
#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "src/net/chunked.hpp"
#include "src/net/framing.hpp"
#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::size_t kMostReadAtOnce = 64 * 1024;
constexpr std::size_t kLongestMethod = 32;

/// A header that is larger than allowed: which part of it is, decides how that is said.
Rejection too_large(std::string_view header) {
  const auto blank = header.find(' ');
  if (blank > kLongestMethod)  // or there is none
    return {400, "BAD_REQUEST", "not an HTTP request", {}};
  if (header.find('\n') == std::string_view::npos)
    return {414, "BAD_REQUEST", "the request target is longer than allowed", {}};
  return {431, "BAD_REQUEST", "the header is larger than allowed", {}};
}

Rejection body_too_large() {
  return {413, "PAYLOAD_TOO_LARGE", "the body is larger than allowed", {}};
}

}  // namespace

std::string_view HttpServer::Impl::Session::buffered() const {
  const auto bytes = buffer_.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

asio::awaitable<bool> HttpServer::Impl::Session::serve_one() {
  Request request;
  request.peer_uid = uid_;
  const bool read = co_await read_request(request);
  receiving_ = false;
  if (!read) co_return false;
  end_waiting();
  keep_alive_ = framing_.keep_alive && !server_->stopping;
  answering_ = true;
  headers_.clear();
  co_await server_->handler(request, *this);
  answering_ = false;
  closed_ = nullptr;
  let_go();
  const bool goes_on = connected_ && keep_alive_ && !server_->stopping;
  co_return goes_on;
}

asio::awaitable<bool> HttpServer::Impl::Session::read_request(Request& request) {
  head_ = false;
  framing_ = Framing{};
  begin_waiting();
  const bool arrived = co_await read_header();
  if (!arrived) co_return false;
  std::optional<Rejection> rejection = parse_header(request);
  if (!rejection && server_->header_check) rejection = server_->header_check(request);
  if (!rejection && framing_.length > server_->limits.max_body) rejection = body_too_large();
  if (rejection) {
    co_await refuse(std::move(*rejection));
    co_return false;
  }
  if (!framing_.chunked && framing_.length == 0) co_return true;
  const Deadline now = std::chrono::steady_clock::now();
  wire_->expires_at(std::min(begun_ + server_->limits.request_timeout, now + server_->limits.body_timeout));
  if (framing_.expects_continue && buffer_.size() == 0) co_await go_on();
  const bool whole = co_await read_body(request.body);
  co_return whole;
}

asio::awaitable<void> HttpServer::Impl::Session::go_on() {
  const std::string_view bytes = "HTTP/1.1 100 Continue\r\n\r\n";
  co_await write_out(bytes);
}

/// Reads once more into the buffer. False when nothing came, in time or at all: then nobody is there to be
/// told.
asio::awaitable<bool> HttpServer::Impl::Session::read_more(std::size_t most) {
  const auto space = buffer_.prepare(most);
  ErrorCode error;
  const std::size_t size = co_await wire_->read_some(space, &error);
  if (error) connected_ = false;
  buffer_.commit(size);
  co_return !error;
}

/// Reads until a whole header is in the buffer, and looks at nothing but its lines. On a new connection the
/// deadline begins with the connection, later with the first byte.
asio::awaitable<bool> HttpServer::Impl::Session::read_header() {
  HeaderScanner scanner;
  const ServerLimits& allowed = server_->limits;
  bool begins = !std::exchange(first_, false);  // the deadline, with the next byte
  if (begins) begun_ = std::chrono::steady_clock::now();
  wire_->expires_at(begun_ + (begins ? allowed.idle_timeout : allowed.header_timeout));
  for (;;) {
    if (begins && buffer_.size() > 0) {
      begins = false;
      begun_ = std::chrono::steady_clock::now();
      wire_->expires_at(begun_ + allowed.header_timeout);
    }
    receiving_ = buffer_.size() > 0;
    const std::string_view header = buffered().substr(0, allowed.max_header);
    const auto found = scanner.look(header);
    if (found == HeaderScanner::Found::whole) co_return true;
    Rejection rejection{400, "BAD_REQUEST", scanner.fault(), {}};
    const bool full = found == HeaderScanner::Found::more && header.size() >= allowed.max_header;
    if (full) rejection = too_large(header);
    if (full || found == HeaderScanner::Found::fault) {
      co_await refuse(std::move(rejection));
      co_return false;
    }
    const bool more = co_await read_more(kReadAtOnce);
    if (!more) co_return false;
  }
}

std::optional<Rejection> HttpServer::Impl::Session::parse_header(Request& request) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(server_->limits.max_header);
  parser.body_limit(boost::none);  // bodies are read, and limited, below
  parser.eager(false);
  error_code error;
  const std::size_t size = parser.put(buffer_.data(), error);
  if (error == http::error::bad_version && has_another_version(buffered()))
    return Rejection{505, "HTTP_VERSION_NOT_SUPPORTED", "the HTTP version is not 1.0 or 1.1", {}};
  buffer_.consume(size);
  if (error) return Rejection{400, "BAD_REQUEST", "not an HTTP request: " + error.message(), {}};
  if (!parser.is_header_done()) return Rejection{400, "BAD_REQUEST", "not an HTTP request", {}};
  head_ = parser.get().method() == http::verb::head;
  framing_.keep_alive = parser.get().version() == 11 && parser.get().keep_alive();
  return take_header(parser.get().base(), request, framing_);
}

/// Reads what belongs to this request's body and leaves what follows it.
asio::awaitable<bool> HttpServer::Impl::Session::read_body(std::string& body) {
  ChunkedBody chunks(server_->limits.max_body);
  for (;;) {
    const std::size_t before = body.size();
    ChunkedBody::Found found = ChunkedBody::Found::more;
    if (framing_.chunked) {
      std::size_t used = 0;
      found = chunks.take(buffered(), body, used);
      buffer_.consume(used);
    } else {
      const std::string_view part = buffered().substr(0, framing_.length - body.size());
      body += part;
      buffer_.consume(part.size());
      if (body.size() == framing_.length) found = ChunkedBody::Found::whole;
    }
    std::optional<Rejection> rejection;
    if (found == ChunkedBody::Found::fault) rejection = Rejection{400, "BAD_REQUEST", chunks.fault(), {}};
    if (found == ChunkedBody::Found::too_large) rejection = body_too_large();
    if (!rejection && !hold(body.size() - before))
      rejection = Rejection{503, "OVERLOADED", "too many bodies are being read at once", {}};
    if (rejection) {
      co_await refuse(std::move(*rejection));
      co_return false;
    }
    if (found == ChunkedBody::Found::whole) co_return true;
    // Who has sent much may send much at once; who trickles gets a small buffer.
    const std::size_t most = std::clamp(body.size(), kReadAtOnce, kMostReadAtOnce);
    const bool more = co_await read_more(most);
    if (!more) co_return false;
  }
}

/// Counts bytes of a body that is being read. Where all of them together become too many, whoever has kept
/// the server waiting longest with one loses it. False when there is nobody else.
bool HttpServer::Impl::Session::hold(std::uint64_t bytes) {
  while (bytes > server_->limits.max_bodies - server_->body_bytes) {
    const auto other = std::ranges::find_if(
        server_->waiting, [this](const Session* session) { return session != this && session->held_ > 0; });
    if (other == server_->waiting.end()) return false;
    (*other)->drop();
  }
  server_->body_bytes += bytes;
  held_ += bytes;
  return true;
}

/// Gives back what the request had of the server's.
void HttpServer::Impl::Session::let_go() {
  server_->body_bytes -= std::exchange(held_, 0);
  if (std::exchange(has_place_, false)) --server_->places_taken;
}

asio::awaitable<void> HttpServer::Impl::Session::refuse(Rejection rejection) {
  keep_alive_ = false;
  left_unread_ = true;
  headers_ = std::move(rejection.headers);
  rejection.headers.clear();
  std::string body = server_->error_body(rejection);
  std::string type = "application/json";
  co_await send(rejection.status, std::move(type), std::move(body));
}

}  // namespace bankconnect::net
