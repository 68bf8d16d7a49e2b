#include "src/upstream/connection.hpp"

#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <sys/socket.h>

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/text.hpp"
#include "src/upstream/tls.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

namespace {

constexpr std::uint32_t kMaxHeader = 64 * 1024;
constexpr int kMaxInformational = 10;
constexpr std::size_t kFirstRead = 16UL * 1024;

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

/// The end of the answer cannot be determined.
bool is_framing_error(error_code ec) {
  return ec == http::error::bad_transfer_encoding || ec == http::error::bad_content_length ||
         ec == http::error::multiple_content_length || ec == http::error::bad_chunk ||
         ec == http::error::bad_chunk_extension;
}

TransportError error_of(error_code ec, const char* doing) {
  const std::string message = std::string(doing) + ": " + ec.message();
  if (ec == beast::error::timeout) return {"TIMEOUT", std::string(doing) + " took too long"};
  if (ec == asio::error::connection_refused) return {"CONNECTION_REFUSED", message};
  if (ec == asio::error::connection_reset || ec == asio::error::broken_pipe)
    return {"CONNECTION_RESET", message};
  if (ec == asio::error::eof || ec == http::error::end_of_stream) return {"CONNECTION_CLOSED", message};
  if (is_framing_error(ec)) return {"FRAMING", message};
  if (ec == http::error::partial_message) return {"TRUNCATED", "the answer ended early"};
  if (ec == http::error::body_limit) {
    return {"RESPONSE_TOO_LARGE",
            "the answer is larger than upstream.max_response_size, or than any to this call"};
  }
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return {"BAD_HTTP", "the answer's header is too large"};
  }
  if (ec.category() == asio::error::get_ssl_category() ||
      ec.category() == asio::ssl::error::get_stream_category()) {
    return {"TLS_FAILED", message};
  }
  if (ec.category() == http::make_error_code(http::error::end_of_stream).category())
    return {"BAD_HTTP", message};
  return {"CONNECTION_FAILED", message};
}

http::request<http::string_body> message_of(const HttpRequest& request) {
  http::request<http::string_body> message(request.post ? http::verb::post : http::verb::get, request.target,
                                           11);
  message.set(http::field::host, request.host_field);
  message.set(http::field::user_agent, request.user_agent);
  message.set(http::field::accept, "application/json");
  message.set(http::field::accept_encoding, "identity");
  message.set(http::field::cache_control, "no-store, no-cache");
  message.set("x-api-key", request.api_key);
  message.set("server-hash", request.server_hash);
  if (request.post) {
    message.set(http::field::content_type, "application/json");
    message.body() = request.body;
  }
  message.prepare_payload();
  return message;
}

/// The keys were copied into the message's field buffer, and must not stay in freed memory.
void wipe_keys(http::request<http::string_body>& message) {
  for (auto& field : message) {
    if (!equals_ignoring_case(field.name_string(), "x-api-key") &&
        !equals_ignoring_case(field.name_string(), "server-hash")) {
      continue;
    }
    const auto value = field.value();
    OPENSSL_cleanse(const_cast<char*>(value.data()), value.size());
  }
}

/// RFC 9112, 6: an unknown transfer coding, or one together with a length or with HTTP/1.0, leaves open where
/// the answer ends and what it says. Beast would take such a body as it comes.
std::optional<TransportError> framing_error(const http::response<http::string_body>& head) {
  const auto codings = head.count(http::field::transfer_encoding);
  if (codings == 0) return std::nullopt;
  if (head.version() < 11) return TransportError{"FRAMING", "the answer has a Transfer-Encoding on HTTP/1.0"};
  if (codings > 1 || !equals_ignoring_case(head[http::field::transfer_encoding], "chunked"))
    return TransportError{"FRAMING", "the answer's Transfer-Encoding is not `chunked` alone"};
  if (head.count(http::field::content_length) > 0)
    return TransportError{"FRAMING", "the answer has a Content-Length and a Transfer-Encoding"};
  return std::nullopt;
}

template <class Stream>
class ConnectionOn final : public Connection {
 public:
  template <class... Args>
  explicit ConnectionOn(const BaseUrl& base, Args&&... args)
      : base_(base), stream_(std::forward<Args>(args)...) {}

  asio::awaitable<std::optional<TransportError>> connect(const Address& address, Deadline deadline) override {
    auto& tcp = beast::get_lowest_layer(stream_);
    error_code ignored;
    tcp.socket().close(ignored);  // that of an attempt before; this address may be of another family
    tcp.expires_at(deadline);
    auto connected = co_await tcp.async_connect(address, kAsTuple);
    const error_code ec = std::get<0>(connected);
    if (ec) co_return error_of(ec, "connecting");
    tcp.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return std::nullopt;
  }

  asio::awaitable<std::optional<TransportError>> handshake(Deadline deadline) override {
    std::optional<TransportError> fault;
    if constexpr (std::is_same_v<Stream, Secure>) {
      beast::get_lowest_layer(stream_).expires_at(deadline);
      fault = co_await tls_handshake();
    }
    co_return fault;
  }

  asio::awaitable<ConnectionReply> exchange(const HttpRequest& request, std::uint64_t max_body,
                                            Deadline deadline) override {
    auto message = message_of(request);
    ConnectionReply out;
    beast::get_lowest_layer(stream_).expires_at(deadline);
    auto written = co_await http::async_write(stream_, message, kAsTuple);
    wipe_keys(message);
    const error_code write_error = std::get<0>(written);
    if (write_error) {
      out.result = error_of(write_error, "sending the request");
      co_return out;
    }
    co_return co_await receive(max_body);
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
  /// One answer, skipping 1xx ones.
  asio::awaitable<ConnectionReply> receive(std::uint64_t max_body) {
    ConnectionReply out;
    for (int informational = 0; informational <= kMaxInformational; ++informational) {
      http::response_parser<http::string_body> parser;
      parser.header_limit(kMaxHeader);
      parser.body_limit(max_body);
      const error_code first_error = co_await complete_status_line();
      if (first_error) {
        out.silent = out.silent && buffer_.size() == 0;
        out.result = error_of(first_error, "reading the answer");
        co_return out;
      }
      auto header = co_await http::async_read_header(stream_, buffer_, parser, kAsTuple);
      const error_code header_error = std::get<0>(header);
      out.silent = out.silent && std::get<1>(header) == 0 && buffer_.size() == 0;
      if (header_error) {
        out.result = error_of(header_error, "reading the answer");
        co_return out;
      }
      if (const auto fault = framing_error(parser.get())) {
        out.result = *fault;
        co_return out;
      }
      const int status = static_cast<int>(parser.get().result_int());
      if (status >= 100 && status < 200) continue;
      auto body = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
      const error_code body_error = std::get<0>(body);
      if (body_error) {
        out.result = error_of(body_error, "reading the answer");
        co_return out;
      }
      out.reusable = parser.get().keep_alive() && buffer_.size() == 0;
      out.result = answer_of(parser.get());
      beast::get_lowest_layer(stream_).expires_never();
      co_return out;
    }
    out.result = TransportError{"BAD_HTTP", "too many 1xx answers"};
    co_return out;
  }

  /// Beast's parser wants the blank after the status that RFC 9112 asks for even where no reason follows.
  /// Some servers leave it out: it is put in.
  asio::awaitable<error_code> complete_status_line() {
    constexpr std::size_t kStatusEnd = std::string_view("HTTP/1.1 200").size();
    while (buffer_.size() <= kStatusEnd) {
      auto read = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAsTuple);
      const error_code ec = std::get<0>(read);
      buffer_.commit(std::get<1>(read));
      if (ec == asio::error::eof && buffer_.size() > 0) co_return error_code();  // the parser says what it is
      if (ec) co_return ec;
    }
    const std::string_view text(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const bool blank_missing = text[kStatusEnd] == '\r' || text[kStatusEnd] == '\n';
    if (!text.starts_with("HTTP/1.") || !blank_missing) co_return error_code();
    std::string whole(text);
    whole.insert(kStatusEnd, 1, ' ');
    buffer_.consume(buffer_.size());
    buffer_.commit(asio::buffer_copy(buffer_.prepare(whole.size()), asio::buffer(whole)));
    co_return error_code();
  }

  asio::awaitable<std::optional<TransportError>> tls_handshake() {
    std::optional<TransportError> fault;
    if (!expect_host(stream_.native_handle(), base_)) {
      fault = TransportError{"TLS_FAILED", "the host cannot be named in the handshake"};
      co_return fault;
    }
    auto shaken = co_await stream_.async_handshake(asio::ssl::stream_base::client, kAsTuple);
    const error_code ec = std::get<0>(shaken);
    if (!ec) co_return fault;
    fault = error_of(ec, "TLS handshake");
    if (const auto why = certificate_fault(stream_.native_handle(), base_))
      fault = TransportError{"TLS_FAILED", *why};
    co_return fault;
  }

  static HttpAnswer answer_of(http::response<http::string_body>& response) {
    HttpAnswer answer;
    answer.status = static_cast<int>(response.result_int());
    answer.retry_after = std::string(response[http::field::retry_after]);
    answer.date = std::string(response[http::field::date]);
    answer.age = std::string(response[http::field::age]);
    answer.content_encoding = std::string(response[http::field::content_encoding]);
    answer.body = std::move(response.body());
    return answer;
  }

  const BaseUrl& base_;
  Stream stream_;
  beast::flat_buffer buffer_{kMaxHeader + 64 * 1024};
};

}  // namespace

std::unique_ptr<Connection> make_connection(asio::io_context& loop, asio::ssl::context* tls,
                                            const BaseUrl& base) {
  if (tls == nullptr) return std::make_unique<ConnectionOn<Plain>>(base, loop);
  return std::make_unique<ConnectionOn<Secure>>(base, loop, *tls);
}

}  // namespace bankconnect::upstream
