#include "src/sandbox/wire.hpp"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <iterator>

namespace bankconnect::sandbox {
namespace {

std::string_view reason_of(int status) {
  namespace http = boost::beast::http;
  if (status == 103) return "Early Hints";  // missing in older versions of Boost
  const http::status known = http::int_to_status(static_cast<unsigned>(status));
  return known == http::status::unknown ? "Unknown" : std::string_view(http::obsolete_reason(known));
}

}  // namespace

std::string head_of(const Reply& reply, bool close, Instant now) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nServer: bankconnect-sandbox\r\nDate: {}\r\nContent-Type: {}\r\n",
                  reply.status, reason_of(reply.status), http_date(now), reply.content_type);
  const auto out = std::back_inserter(head);
  for (const auto& [name, value] : reply.headers)
    fmt::format_to(out, "{}: {}\r\n", name, value);
  if (reply.delivery.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else {
    fmt::format_to(out, "Content-Length: {}\r\n", reply.body.size());
  }
  head += close ? "Connection: close\r\n\r\n" : "\r\n";
  return head;
}

std::string informational_head(int status) {
  return fmt::format("HTTP/1.1 {} {}\r\n\r\n", status, reason_of(status));
}

std::string chunked(std::string_view body) {
  constexpr std::size_t kChunk = 16 * 1024;
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += kChunk) {
    const std::string_view chunk = body.substr(at, kChunk);
    fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  out += "0\r\n\r\n";
  return out;
}

}  // namespace bankconnect::sandbox
