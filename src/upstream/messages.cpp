#include "src/upstream/messages.hpp"

#include <openssl/crypto.h>

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core.hpp>

#include "bankconnect/text.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

namespace {

/// The end of the answer cannot be determined.
bool is_framing_error(error_code ec) {
  return ec == http::error::bad_transfer_encoding || ec == http::error::bad_content_length ||
         ec == http::error::multiple_content_length || ec == http::error::bad_chunk ||
         ec == http::error::bad_chunk_extension;
}

}  // namespace

TransportError transport_error(error_code ec, const char* doing) {
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

RequestMessage message_of(const HttpRequest& request) {
  RequestMessage message(request.post ? http::verb::post : http::verb::get, request.target, 11);
  message.set(http::field::host, request.host_field);
  message.set(http::field::user_agent, request.user_agent);
  message.set(http::field::accept, request.to_bankconnect ? "application/json" : "*/*");
  message.set(http::field::accept_encoding, "identity");
  message.set(http::field::cache_control, "no-store, no-cache");
  if (request.to_bankconnect) {
    message.set("x-api-key", request.api_key);
    message.set("server-hash", request.server_hash);
  }
  if (request.post) {
    message.set(http::field::content_type, "application/json");
    message.body() = request.body;
  }
  message.prepare_payload();
  return message;
}

void wipe_keys(RequestMessage& message) {
  for (auto& field : message) {
    if (!equals_ignoring_case(field.name_string(), "x-api-key") &&
        !equals_ignoring_case(field.name_string(), "server-hash")) {
      continue;
    }
    const auto value = field.value();
    OPENSSL_cleanse(const_cast<char*>(value.data()), value.size());
  }
}

std::optional<TransportError> framing_error(const ResponseHead& head) {
  const auto codings = head.count(http::field::transfer_encoding);
  if (codings == 0) return std::nullopt;
  if (head.version() < 11) return TransportError{"FRAMING", "the answer has a Transfer-Encoding on HTTP/1.0"};
  if (codings > 1 || !equals_ignoring_case(head[http::field::transfer_encoding], "chunked"))
    return TransportError{"FRAMING", "the answer's Transfer-Encoding is not `chunked` alone"};
  if (head.count(http::field::content_length) > 0)
    return TransportError{"FRAMING", "the answer has a Content-Length and a Transfer-Encoding"};
  return std::nullopt;
}

}  // namespace bankconnect::upstream
