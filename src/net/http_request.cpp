// Reads requests. A request that is not well formed is refused, and its connection ends.
#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "src/net/chunked_body.hpp"
#include "src/net/header_scanner.hpp"
#include "src/net/http_connection.hpp"

namespace bankconnect::net {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::size_t kMostReadAtOnce = 64 * 1024;
constexpr std::size_t kLongestMethod = 32;

/// A header that is larger than allowed; the status depends on which part of it is.
Rejection header_too_large(std::string_view header) {
  const auto blank = header.find(' ');
  if (blank > kLongestMethod)  // or there is none
    return {400, ErrorCode::bad_request, "not an HTTP request", {}};
  if (header.find('\n') == std::string_view::npos)
    return {414, ErrorCode::bad_request, "the request target is longer than allowed", {}};
  return {431, ErrorCode::bad_request, "the header is larger than allowed", {}};
}

Rejection body_too_large() {
  return {413, ErrorCode::payload_too_large, "the body is larger than allowed", {}};
}

}  // namespace

std::string_view HttpConnection::buffered() const {
  const auto bytes = buffer_.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

/// False: the connection is not used again.
asio::awaitable<bool> HttpConnection::serve_one() {
  Request request;
  request.peer_uid = peer_uid_;
  framing_ = Framing{};
  enter(Phase::idle);
  const bool complete = co_await read_request(request);
  if (!complete) co_return false;
  keep_alive_ = framing_.keep_alive && !server_->stopping;
  enter(Phase::answering);
  Response response = co_await server_->handler(request);
  co_await send(std::move(response));
  server_->connection_limits.release(id_);
  const bool more = connected() && keep_alive_ && !server_->stopping;
  co_return more;
}

asio::awaitable<bool> HttpConnection::read_request(Request& request) {
  const bool arrived = co_await receive_header();
  if (!arrived) co_return false;
  std::optional<Rejection> rejection = parse_header(request);
  if (!rejection && server_->header_check) rejection = server_->header_check(request);
  if (!rejection && framing_.length > server_->limits.max_body) rejection = body_too_large();
  if (rejection) {
    co_await refuse(std::move(*rejection));
    co_return false;
  }
  if (!framing_.chunked && framing_.length == 0) co_return true;
  enter(Phase::body);
  if (framing_.expects_continue && buffer_.size() == 0) co_await send_continue();
  if (!connected()) co_return false;
  const bool complete = co_await receive_body(request.body);
  co_return complete;
}

/// Reads once more into the buffer. False: the peer has closed, or the deadline passed, and there is nothing
/// to answer.
asio::awaitable<bool> HttpConnection::receive(std::size_t most) {
  const auto space = buffer_.prepare(most);
  error_code error;
  const std::size_t size = co_await stream_->read_some(space, &error);
  if (error) enter(Phase::closed);
  buffer_.commit(size);
  co_return !error;
}

/// Reads until a complete header is in the buffer, of which only the line structure is checked.
asio::awaitable<bool> HttpConnection::receive_header() {
  HeaderScanner scanner;
  const std::size_t most = server_->limits.max_header;
  bool skipped = false;
  for (;;) {
    if (phase_ == Phase::idle && buffer_.size() > 0) enter(Phase::header);
    // RFC 9112, 2.2: an empty line before a request is ignored. One is: clients sent it after a body.
    if (!skipped && buffered().starts_with("\r\n")) {
      buffer_.consume(2);
      skipped = true;
    }
    const std::string_view header = buffered().substr(0, most);
    const bool may_become_one = !skipped && header == "\r";
    const auto progress = may_become_one ? HeaderScanner::Progress::incomplete : scanner.scan(header);
    if (progress == HeaderScanner::Progress::complete) co_return true;
    std::optional<Rejection> rejection;
    if (progress == HeaderScanner::Progress::malformed) {
      rejection = Rejection{400, ErrorCode::bad_request, scanner.fault(), {}};
    } else if (header.size() >= most) {
      rejection = header_too_large(header);
    }
    if (rejection) {
      co_await refuse(std::move(*rejection));
      co_return false;
    }
    const bool more = co_await receive(kReadAtOnce);
    if (!more) co_return false;
  }
}

std::optional<Rejection> HttpConnection::parse_header(Request& request) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(server_->limits.max_header);
  parser.body_limit(boost::none);  // receive_body reads and limits it
  parser.eager(false);
  error_code error;
  const std::size_t size = parser.put(buffer_.data(), error);
  if (error == http::error::bad_version && has_another_version(buffered()))
    return Rejection{505, ErrorCode::http_version_not_supported, "the HTTP version is not 1.0 or 1.1", {}};
  buffer_.consume(size);
  if (error) return Rejection{400, ErrorCode::bad_request, "not an HTTP request: " + error.message(), {}};
  if (!parser.is_header_done()) return Rejection{400, ErrorCode::bad_request, "not an HTTP request", {}};
  std::optional<Rejection> rejection = read_header(parser.get().base(), request, framing_);
  framing_.keep_alive = framing_.http11 && parser.get().keep_alive();
  return rejection;
}

/// Reads exactly this request's body; what follows it stays in the buffer.
asio::awaitable<bool> HttpConnection::receive_body(std::string& body) {
  using Progress = ChunkedBody::Progress;
  ChunkedBody chunks(server_->limits.max_body);
  for (;;) {
    const std::size_t before = body.size();
    Progress progress = Progress::incomplete;
    if (framing_.chunked) {
      std::size_t used = 0;
      progress = chunks.feed(buffered(), body, used);
      buffer_.consume(used);
    } else {
      const std::string_view part = buffered().substr(0, framing_.length - body.size());
      body += part;
      buffer_.consume(part.size());
      if (body.size() == framing_.length) progress = Progress::complete;
    }
    std::optional<Rejection> rejection;
    if (progress == Progress::malformed)
      rejection = Rejection{400, ErrorCode::bad_request, chunks.fault(), {}};
    if (progress == Progress::too_large) rejection = body_too_large();
    if (!rejection && !reserve_body(body.size() - before))
      rejection = Rejection{503, ErrorCode::overloaded, "too many bodies are being read at once", {}};
    if (rejection) {
      co_await refuse(std::move(*rejection));
      co_return false;
    }
    if (progress == Progress::complete) co_return true;
    // The buffer grows with what has arrived: a client that sends little at a time costs little memory.
    const std::size_t most = std::clamp(body.size(), kReadAtOnce, kMostReadAtOnce);
    const bool more = co_await receive(most);
    if (!more) co_return false;
  }
}

/// Counts bytes of the body against the limit for all bodies, closing connections that have kept theirs
/// waiting for longer. False when there is none to close.
bool HttpConnection::reserve_body(std::uint64_t bytes) {
  while (!server_->connection_limits.reserve_body(id_, bytes)) {
    const auto other =
        server_->connection_limits.body_eviction_candidate(id_, std::chrono::steady_clock::now());
    if (!other) return false;
    server_->evict(*other);
  }
  return true;
}

}  // namespace bankconnect::net
