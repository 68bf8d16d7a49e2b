// Reading requests, strictly: whatever is not plain is refused, and the connection with it.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url.hpp>

#include "src/net/framing.hpp"
#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

std::string media_type(std::string_view content_type) {
  std::string out(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && out.back() == ' ')
    out.pop_back();
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// What is wrong with a header that Beast took, or nothing.
std::optional<std::string> fault_in(const http::request_header<>& header) {
  if (header.version() != 11 && header.version() != 10) return "the HTTP version is not 1.0 or 1.1";
  const std::size_t hosts = header.count(http::field::host);
  if (hosts > 1 || (header.version() == 11 && hosts == 0)) return "exactly one Host header is expected";
  const auto encoding = header.find(http::field::transfer_encoding);
  if (encoding != header.end() && header.version() == 10) return "HTTP/1.0 knows no Transfer-Encoding";
  if (header.count(http::field::transfer_encoding) > 1) return "Transfer-Encoding is given more than once";
  if (encoding != header.end() && !beast::iequals(encoding->value(), "chunked")) {
    return "the only Transfer-Encoding accepted is chunked";
  }
  if (header.count(http::field::content_length) > 1) return "Content-Length is given more than once";
  if (encoding != header.end() && header.count(http::field::content_length) > 0) {
    return "Content-Length and Transfer-Encoding exclude each other";
  }
  const auto length = header.find(http::field::content_length);
  if (length != header.end() &&
      !std::ranges::all_of(length->value(), [](char c) { return c >= '0' && c <= '9'; })) {
    return "Content-Length is not a number";
  }
  return std::nullopt;
}

Refused refusal_of(error_code ec) {
  if (ec == http::error::body_limit) return {413, "PAYLOAD_TOO_LARGE", "the body is larger than allowed"};
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return {431, "BAD_REQUEST", "the header is larger than allowed"};
  }
  return {400, "BAD_REQUEST", "not an HTTP/1.1 request: " + ec.message()};
}

}  // namespace

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
  const bool goes_on = connected_ && keep_alive_ && !server_->stopping;
  co_return goes_on;
}

asio::awaitable<bool> HttpServer::Impl::Session::read_request(Request& request, bool& wants_more) {
  http::request_parser<http::string_body> parser;
  head_ = false;
  chunked_ = true;
  const bool arrived = co_await read_header();
  if (!arrived) co_return false;
  parser.header_limit(server_->limits.max_header);
  parser.body_limit(server_->limits.max_body);
  error_code header_error;
  buffer_.consume(parser.put(buffer_.data(), header_error));
  if (header_error) {
    co_await refuse(header_error);
    co_return false;
  }
  head_ = parser.get().method() == http::verb::head;
  chunked_ = parser.get().version() == 11;
  std::optional<Refused> refused = take_header(parser.get().base(), request);
  if (refused) {
    co_await refuse(std::move(*refused));
    co_return false;
  }
  stream_.expires_after(server_->limits.body_timeout);
  if (chunked_ && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
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
  wants_more = parser.get().keep_alive();
  request.body = std::move(parser.get().body());
  co_return true;
}

/// Reads until a whole header is in the buffer, and looks at nothing but its lines. The deadline begins with
/// the first byte; until that comes the connection is idle.
asio::awaitable<bool> HttpServer::Impl::Session::read_header() {
  HeaderScanner scanner;
  stream_.expires_after(server_->limits.header_timeout);
  for (;;) {
    const auto bytes = buffer_.cdata();
    const std::string_view header(static_cast<const char*>(bytes.data()), bytes.size());
    const auto found = scanner.look(header.substr(0, server_->limits.max_header));
    if (found == HeaderScanner::Found::whole) co_return true;
    Refused refused{400, "BAD_REQUEST", scanner.fault()};
    const bool too_large = found == HeaderScanner::Found::more && header.size() >= server_->limits.max_header;
    if (too_large) refused = refusal_of(http::error::header_limit);
    if (too_large || found == HeaderScanner::Found::fault) {
      co_await refuse(std::move(refused));
      co_return false;
    }
    const bool idle = buffer_.size() == 0;
    auto space = buffer_.prepare(kReadAtOnce);
    auto read = co_await stream_.async_read_some(space, kTuple);
    const error_code ec = std::get<0>(read);
    if (ec) {
      co_await refuse(ec);
      co_return false;
    }
    buffer_.commit(std::get<1>(read));
    if (idle) stream_.expires_after(server_->limits.header_timeout);
  }
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
  const bool went_away = ec == http::error::end_of_stream || ec == asio::error::eof ||
                         ec == http::error::partial_message || ec == asio::error::connection_reset ||
                         ec == asio::error::operation_aborted ||
                         ec == beast::error::timeout;  // the stream closed itself
  if (went_away) {
    note(ec);
    co_return;
  }
  Refused refused = refusal_of(ec);
  co_await refuse(std::move(refused));
}

asio::awaitable<void> HttpServer::Impl::Session::refuse(Refused refused) {
  keep_alive_ = false;
  left_unread_ = true;
  headers_.clear();
  std::string body = server_->error_body(refused.code, refused.message);
  std::string type = "application/json";
  co_await send(refused.status, std::move(type), std::move(body));
}

}  // namespace bankconnect::net
