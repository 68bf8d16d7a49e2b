// Which request headers are served. Whatever two parsers may read differently is refused before the request
// is looked at any further. Pure.
#pragma once

#include <boost/beast/http/message.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bankconnect/http_server.hpp"

namespace bankconnect::net {

/// What a header says about what follows it.
struct Framing {
  bool chunked = false;
  std::uint64_t length = 0;       ///< of a body that is not chunked
  bool keep_alive = false;        ///< the client may send another request
  bool http11 = false;            ///< else HTTP/1.0
  bool head = false;              ///< the response has no body
  bool expects_continue = false;  ///< the client waits for `100 Continue` before it sends the body
};

/// Whether the request line ends with a well-formed version other than 1.0 and 1.1.
bool has_another_version(std::string_view request);

/// Fills `request` and `framing` from a header that Beast parsed, or says why it is refused. `peer_uid` is
/// filled in already: on a Unix socket, Host may be anything.
std::optional<Rejection> read_header(const boost::beast::http::request_header<>& header, Request& request,
                                     Framing& framing);

}  // namespace bankconnect::net
