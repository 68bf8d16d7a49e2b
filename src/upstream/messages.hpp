// HTTP messages between this client and BankConnect: how a request is written, what is refused in an answer's
// header, and the codes of what fails.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

using RequestMessage = boost::beast::http::request<boost::beast::http::string_body>;
using ResponseHead = boost::beast::http::response<boost::beast::http::string_body>;

/// The error in words; `doing` is what failed.
TransportError transport_error(boost::beast::error_code ec, const char* doing);

RequestMessage message_of(const HttpRequest& request);

/// The keys were copied into the message's field buffer, and must not stay in freed memory.
void wipe_keys(RequestMessage& message);

/// RFC 9112, 6: an unknown transfer coding, or one together with a length or with HTTP/1.0, leaves open where
/// the answer ends and what it says. Beast would take such a body as it comes.
std::optional<TransportError> framing_error(const ResponseHead& head);

}  // namespace bankconnect::upstream
