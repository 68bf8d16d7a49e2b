#include "src/upstream/connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/text.hpp"
#include "src/upstream/answer_reader.hpp"
#include "src/upstream/messages.hpp"
#include "src/upstream/tls.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

namespace {

constexpr std::uint32_t kMaxProxyHeader = 64 * 1024;

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;
using ToProxy = asio::ssl::stream<beast::tcp_stream>;
using SecureInSecure = beast::ssl_stream<ToProxy>;  ///< TLS to BankConnect within TLS to the proxy

template <class Stream>
class ConnectionOn final : public Connection {
 public:
  template <class... Args>
  explicit ConnectionOn(const BaseUrl& base, const Tunnel* tunnel, Args&&... args)
      : base_(base), tunnel_(tunnel), stream_(std::forward<Args>(args)...) {}

  asio::awaitable<std::optional<TransportError>> connect(const Address& address, Deadline deadline) override {
    auto& tcp = beast::get_lowest_layer(stream_);
    error_code ignored;
    tcp.socket().close(ignored);  // that of an attempt before; this address may be of another family
    tcp.expires_at(deadline);
    auto connected = co_await tcp.async_connect(address, kAsTuple);
    const error_code ec = std::get<0>(connected);
    if (ec) co_return transport_error(ec, tunnel_ != nullptr ? "connecting to the proxy" : "connecting");
    tcp.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return std::nullopt;
  }

  asio::awaitable<std::optional<TransportError>> handshake(Deadline deadline) override {
    beast::get_lowest_layer(stream_).expires_at(deadline);
    std::optional<TransportError> fault;
    if constexpr (std::is_same_v<Stream, SecureInSecure>) {
      fault = co_await tls_handshake(stream_.next_layer(), tunnel_->proxy, "TLS handshake with the proxy");
      if (fault) co_return fault;
    }
    if (tunnel_ != nullptr) {
      fault = co_await open_tunnel();
      if (fault) co_return fault;
    }
    if constexpr (!std::is_same_v<Stream, Plain>) {
      fault = co_await tls_handshake(stream_, base_, "TLS handshake");
    }
    co_return fault;
  }

  asio::awaitable<ConnectionReply> exchange(const HttpRequest& request, const AnswerLimits& limits) override {
    auto message = message_of(request);
    ConnectionReply out;
    beast::get_lowest_layer(stream_).expires_at(limits.deadline);
    auto written = co_await http::async_write(stream_, message, kAsTuple);
    wipe_keys(message);
    const error_code write_error = std::get<0>(written);
    if (write_error) {
      out.result = transport_error(write_error, "sending the request");
      co_return out;
    }
    AnswerReader<Stream> reader(stream_, buffer_, limits);
    co_return co_await reader.read();
  }

  bool is_stale() override {
    // Through the stream itself: under TLS, what came may have left the socket already, and a session ticket
    // is nothing but a good sign.
    error_code ec;
    beast::get_lowest_layer(stream_).socket().non_blocking(true, ec);
    char byte = 0;
    if (!ec) stream_.read_some(asio::buffer(&byte, 1), ec);
    return ec != asio::error::would_block;
  }

  void set_user_timeout(std::chrono::milliseconds timeout) override {
    const auto milliseconds = static_cast<unsigned>(timeout.count());
    const int fd = beast::get_lowest_layer(stream_).socket().native_handle();
    // Where it cannot be had, the deadline still holds.
    static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds));
  }

 private:
  template <class Tls>
  asio::awaitable<std::optional<TransportError>> tls_handshake(Tls& stream, const BaseUrl& host,
                                                               const char* doing) {
    std::optional<TransportError> fault;
    if (!expect_host(stream.native_handle(), host)) {
      fault = TransportError{"TLS_FAILED", "the host cannot be named in the handshake"};
      co_return fault;
    }
    auto shaken = co_await stream.async_handshake(asio::ssl::stream_base::client, kAsTuple);
    const error_code ec = std::get<0>(shaken);
    if (!ec) co_return fault;
    fault = transport_error(ec, doing);
    if (const auto why = certificate_fault(stream.native_handle(), host))
      fault = TransportError{"TLS_FAILED", *why};
    co_return fault;
  }

  /// What the request goes through on its way to the proxy.
  auto& transport() {
    if constexpr (std::is_same_v<Stream, Plain>) {
      return stream_;
    } else {
      return stream_.next_layer();
    }
  }

  /// The answer to CONNECT ends with its header: what follows it would be read as part of the handshake.
  asio::awaitable<std::optional<TransportError>> open_tunnel() {
    std::optional<TransportError> fault;
    std::string request = connect_request(*tunnel_, base_);
    auto written = co_await asio::async_write(transport(), asio::buffer(request), kAsTuple);
    wipe(request);
    if (const error_code ec = std::get<0>(written)) {
      fault = transport_error(ec, "asking the proxy for a tunnel");
      co_return fault;
    }
    beast::flat_buffer answer(kMaxProxyHeader);
    http::response_parser<http::empty_body> parser;
    parser.header_limit(kMaxProxyHeader);
    parser.skip(true);
    auto read = co_await http::async_read_header(transport(), answer, parser, kAsTuple);
    if (const error_code ec = std::get<0>(read)) {
      fault = transport_error(ec, "reading the proxy's answer to CONNECT");
      co_return fault;
    }
    fault = refused_tunnel(static_cast<int>(parser.get().result_int()));
    if (!fault && answer.size() > 0)
      fault = TransportError{"PROXY_REFUSED", "the proxy sent more than the header of its answer to CONNECT"};
    co_return fault;
  }

  const BaseUrl& base_;
  const Tunnel* const tunnel_;
  Stream stream_;
  beast::flat_buffer buffer_{AnswerReader<Stream>::kBuffer};
};

}  // namespace

std::unique_ptr<Connection> make_connection(asio::io_context& loop, asio::ssl::context* tls,
                                            const BaseUrl& base, const Tunnel* tunnel) {
  if (tls == nullptr) return std::make_unique<ConnectionOn<Plain>>(base, tunnel, loop);
  if (tunnel != nullptr && tunnel->proxy.tls)
    return std::make_unique<ConnectionOn<SecureInSecure>>(base, tunnel, ToProxy(loop, *tls), *tls);
  return std::make_unique<ConnectionOn<Secure>>(base, tunnel, loop, *tls);
}

}  // namespace bankconnect::upstream
