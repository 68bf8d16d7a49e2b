// Writes responses, complete or as a stream.
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>
#include <ctime>
#include <sstream>

#include "src/net/http_connection.hpp"

namespace bankconnect::net {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kSlice = 128 * 1024;     // written under one deadline
constexpr std::size_t kSmallBody = 64 * 1024;  // copied behind the header, to be written with it

/// The time in the form HTTP uses: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text, size};
}

}  // namespace

/// Status line and fields. `length`: of the body; nothing: it is chunked, or ends with the connection.
std::string HttpConnection::header_of(const Response& response, std::optional<std::uint64_t> length) {
  http::response<http::empty_body> header(static_cast<http::status>(response.status), 11);
  header.set(http::field::date, http_date());
  if (!response.content_type.empty()) header.set(http::field::content_type, response.content_type);
  header.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : response.headers)
    header.set(name, value);
  // After an error it is not certain where the next request begins.
  if (response.status >= 400 || server_->stopping) keep_alive_ = false;
  header.keep_alive(keep_alive_);
  if (length) header.content_length(*length);
  if (!length && framing_.http11 && response.status != 204) header.chunked(true);
  std::ostringstream text;
  text << header.base();
  return std::move(text).str();
}

asio::awaitable<void> HttpConnection::send(Response response) {
  Response rest = std::move(response);
  if (rest.stream) {
    co_await send_stream(std::move(rest));
    co_return;
  }
  std::optional<std::uint64_t> length;
  if (rest.status != 204) length = rest.body.size();
  std::string header = header_of(rest, length);
  if (rest.status == 204 || framing_.head) rest.body.clear();
  if (rest.body.size() <= kSmallBody) {
    header += rest.body;
    rest.body.clear();
  }
  co_await write_bytes(header);
  co_await write_bytes(rest.body);
}

asio::awaitable<void> HttpConnection::send_stream(Response response) {
  const Response head = std::move(response);
  if (head.unbounded_stream && !server_->connection_limits.acquire_stream_slot(id_)) {
    Rejection rejection{
        503, ErrorCode::overloaded, "too many streams are open at once; try again when one has ended", {}};
    co_await refuse(std::move(rejection));
    co_return;
  }
  if (!framing_.http11) keep_alive_ = false;  // its end is the body's end
  const std::string header = header_of(head, std::nullopt);
  enter(Phase::streaming);
  co_await write_bytes(header);
  if (framing_.head) co_return;
  co_await head.stream(*this);
  closed_ = nullptr;
  const std::string_view last_chunk = framing_.http11 ? "0\r\n\r\n" : "";
  co_await write_bytes(last_chunk);
}

asio::awaitable<void> HttpConnection::write(std::string chunk) {
  std::string bytes = std::move(chunk);
  if (bytes.empty() || !connected()) co_return;
  if (framing_.http11) {
    char size[32];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    bytes.insert(0, size, static_cast<std::size_t>(digits));
    bytes += "\r\n";
  }
  co_await write_bytes(bytes);
}

/// Writes slices, each with a deadline of its own: a client may read slowly, but not stop. While it does not
/// read, the connection can be evicted.
asio::awaitable<void> HttpConnection::write_bytes(std::string_view bytes) {
  std::string_view rest = bytes;
  while (!rest.empty() && connected()) {
    const std::string_view slice = rest.substr(0, kSlice);
    rest.remove_prefix(slice.size());
    expires_after(server_->limits.write_timeout);
    wait_for(Wait::reading);
    co_await write_slice(slice);
    server_->connection_limits.end_wait(id_);
  }
  if (connected()) stream_->expires_never();
}

asio::awaitable<void> HttpConnection::write_slice(std::string_view slice) {
  const std::string_view bytes = slice;
  writing_ = true;
  auto error = co_await stream_->write(bytes);
  writing_ = false;
  if (error) enter(Phase::closed);
}

/// Under the body's deadline: the request is still being read.
asio::awaitable<void> HttpConnection::send_continue() {
  const std::string_view bytes = "HTTP/1.1 100 Continue\r\n\r\n";
  co_await write_slice(bytes);
}

asio::awaitable<void> HttpConnection::refuse(Rejection rejection) {
  const Rejection refused = std::move(rejection);
  enter(Phase::answering);
  keep_alive_ = false;
  input_unread_ = true;
  Response response = json_response(refused.status, server_->error_body(refused));
  response.headers = refused.headers;
  co_await send(std::move(response));
}

}  // namespace bankconnect::net
