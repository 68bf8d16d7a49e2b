#include "src/sandbox/connection.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "src/sandbox/admin_api.hpp"
#include "src/sandbox/wire.hpp"

namespace bankconnect::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using PlainStream = beast::tcp_stream;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;

constexpr std::uint64_t kMaxRequestSize = 1024 * 1024;
constexpr auto kHandshakeTimeout = std::chrono::seconds{10};
constexpr auto kWriteTimeout = std::chrono::minutes{10};
constexpr std::size_t kSlowBodyParts = 10;

Request request_of(const http::request<http::string_body>& message, bool tls) {
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  request.origin = (tls ? "https://" : "http://") + std::string(message[http::field::host]);
  request.api_key = message["x-api-key"];
  request.server_hash = message["server-hash"];
  request.content_type = message[http::field::content_type];
  request.body = message.body();
  return request;
}

// Executes and logs the request without suspending, so that the log and the state never disagree. Then
// schedules the webhooks that became due.
Reply answer(ServerContext& context, const Request& request) {
  LogEntry entry;
  entry.steady_us = Clock::steady_us();
  entry.at = context.clock.now();
  Reply reply;
  if (is_admin_call(request.target)) {
    reply = handle_admin_call(request, context.sandbox, context.log, entry.at);
  } else {
    reply = context.sandbox.handle(request, entry.at, entry);
    context.log.add(std::move(entry));
  }
  context.sender.schedule();
  return reply;
}

bool keeps_connection(DeliveryMode mode) {
  return mode == DeliveryMode::complete || mode == DeliveryMode::slow_body;
}

template <typename Stream>
asio::awaitable<void> write(Stream& stream, std::string_view first, std::string_view second = {}) {
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(first), asio::buffer(second)};
  beast::get_lowest_layer(stream).expires_after(kWriteTimeout);
  co_await asio::async_write(stream, buffers, asio::use_awaitable);
}

template <typename Stream>
asio::awaitable<void> pause(Stream& stream, Duration duration) {
  asio::steady_timer timer(stream.get_executor(), duration);
  co_await timer.async_wait(asio::use_awaitable);
}

// Waits until the client closes the connection, without a timeout.
template <typename Stream>
asio::awaitable<void> wait_for_close(Stream& stream) {
  std::array<char, 1> byte{};
  const asio::mutable_buffer buffer = asio::buffer(byte);
  beast::get_lowest_layer(stream).expires_never();
  co_await stream.async_read_some(buffer, asio::use_awaitable);
}

template <typename Stream>
asio::awaitable<void> write_slowly(Stream& stream, std::string_view body, Duration whole) {
  const std::size_t part_size = body.size() / kSlowBodyParts + 1;
  const Duration interval = whole / static_cast<int>(kSlowBodyParts);
  for (std::size_t at = 0; at < body.size(); at += part_size) {
    const std::string_view part = body.substr(at, part_size);
    co_await pause(stream, interval);
    co_await write(stream, part);
  }
}

template <typename Stream>
asio::awaitable<void> deliver(Stream& stream, const Reply& reply, const std::string& head) {
  const Delivery& delivery = reply.delivery;
  if (delivery.mode == DeliveryMode::slow_body) {
    co_await write(stream, head);
    co_await write_slowly(stream, reply.body, delivery.delay);
  } else if (delivery.mode == DeliveryMode::head_only) {
    co_await write(stream, head);
    co_await wait_for_close(stream);
  } else if (delivery.mode == DeliveryMode::truncated) {
    const std::string_view half = std::string_view(reply.body).substr(0, reply.body.size() / 2);
    co_await write(stream, head, half);
  } else {
    co_await write(stream, head, reply.body);
  }
}

// Closes without a TLS shutdown. `reset` sends a TCP reset, which also discards data in transit.
void close_abruptly(beast::tcp_stream& stream, bool reset) {
  boost::system::error_code ignored;  // the client may have closed the connection already
  if (reset) stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  stream.socket().close(ignored);
}

asio::awaitable<void> shut_down(PlainStream& stream) {
  boost::system::error_code ignored;  // the client may have closed the connection already
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  co_return;
}

asio::awaitable<void> shut_down(TlsStream& stream) {
  boost::system::error_code ignored;  // the client may have closed the connection already
  auto no_throw = asio::redirect_error(asio::use_awaitable, ignored);
  beast::get_lowest_layer(stream).expires_after(kHandshakeTimeout);
  co_await stream.async_shutdown(no_throw);
}

template <typename Stream>
asio::awaitable<void> send(Stream& stream, Reply& reply, bool close, Instant now) {
  std::string head = head_of(reply, close, now);
  const bool slow_body = reply.delivery.mode == DeliveryMode::slow_body;
  if (reply.delivery.delay > Duration{} && !slow_body) {
    co_await pause(stream, reply.delivery.delay);
  }
  if (!answered(reply.delivery)) {
    close_abruptly(beast::get_lowest_layer(stream), reply.delivery.mode == DeliveryMode::reset);
    co_return;
  }
  if (reply.delivery.informational != 0) head.insert(0, informational_head(reply.delivery.informational));
  if (reply.delivery.chunked) reply.body = chunked(reply.body);
  co_await deliver(stream, reply, head);
  if (!keeps_connection(reply.delivery.mode)) {
    close_abruptly(beast::get_lowest_layer(stream), false);
  } else if (close) {
    co_await shut_down(stream);
  }
}

template <typename Stream>
asio::awaitable<void> serve_requests(Stream& stream, ServerContext& context) {
  const ServerSettings& settings = context.sandbox.server_settings();
  beast::flat_buffer buffer;
  for (int served = 1;; ++served) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMaxRequestSize);
    beast::get_lowest_layer(stream).expires_after(settings.keep_alive);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    Reply reply = answer(context, request_of(parser.get(), context.tls != nullptr));
    reply.delivery.chunked = reply.delivery.chunked || settings.chunked;
    const bool last =
        settings.max_requests_per_connection > 0 && served >= settings.max_requests_per_connection;
    const bool close = !parser.keep_alive() || reply.delivery.close || last;
    const bool over = close || !keeps_connection(reply.delivery.mode);
    const Instant now = context.clock.now();
    co_await send(stream, reply, close, now);
    if (over) co_return;
  }
}

}  // namespace

asio::awaitable<void> serve(asio::ip::tcp::socket socket, ServerContext& context) {
  beast::tcp_stream plain(std::move(socket));
  const asio::ip::tcp::no_delay no_delay(true);
  plain.socket().set_option(no_delay);
  if (context.tls == nullptr) {
    co_await serve_requests(plain, context);
    co_return;
  }
  TlsStream tls(std::move(plain), *context.tls);
  beast::get_lowest_layer(tls).expires_after(kHandshakeTimeout);
  co_await tls.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  co_await serve_requests(tls, context);
}

}  // namespace bankconnect::sandbox
