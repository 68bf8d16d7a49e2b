#include "tests/fuzz/http_reading.hpp"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>

namespace bankconnect::fuzz {

namespace http = boost::beast::http;

void Reading::feed(std::string_view bytes) {
  bytes_ += bytes;
  if (stage == Stage::header) read_header();
  if (stage == Stage::body) read_body();
}

void Reading::refuse(int with) {
  stage = Stage::refused;
  status = with;
}

void Reading::read_header() {
  const std::string_view header = std::string_view(bytes_).substr(0, kMaxHeader);
  switch (scanner_.scan(header)) {
    case net::HeaderScanner::Progress::malformed: return refuse(400);
    case net::HeaderScanner::Progress::complete: return parse_header();
    case net::HeaderScanner::Progress::incomplete: break;
  }
  if (bytes_.size() < kMaxHeader) return;
  const auto blank = header.find(' ');
  if (blank == std::string_view::npos || blank > 32) return refuse(400);
  refuse(header.find('\n') == std::string_view::npos ? 414 : 431);
}

void Reading::parse_header() {
  header_end = bytes_.find("\r\n\r\n") + 4;
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(boost::none);
  parser.eager(false);
  boost::system::error_code error;
  header_parsed = parser.put(boost::asio::buffer(bytes_), error);
  if (error == http::error::bad_version && net::has_another_version(bytes_)) return refuse(505);
  if (error || !parser.is_header_done()) return refuse(400);
  framing.keep_alive = parser.get().version() == 11 && parser.get().keep_alive();
  if (const auto rejection = net::read_header(parser.get().base(), request, framing))
    return refuse(rejection->status);
  if (framing.length > kMaxBody) return refuse(413);
  end = header_parsed;
  stage = !framing.chunked && framing.length == 0 ? Stage::complete : Stage::body;
}

void Reading::read_body() {
  const std::string_view rest = std::string_view(bytes_).substr(end);
  if (!framing.chunked) {
    const std::string_view part = rest.substr(0, framing.length - request.body.size());
    request.body += part;
    end += part.size();
    if (request.body.size() == framing.length) stage = Stage::complete;
    return;
  }
  std::size_t used = 0;
  const auto progress = chunks_.feed(rest, request.body, used);
  end += used;
  if (progress == net::ChunkedBody::Progress::malformed) refuse(400);
  if (progress == net::ChunkedBody::Progress::too_large) refuse(413);
  if (progress == net::ChunkedBody::Progress::complete) stage = Stage::complete;
}

Reading read_in_pieces(std::string_view bytes, std::size_t size, std::int64_t peer_uid) {
  Reading reading;
  reading.request.peer_uid = peer_uid;
  while (!bytes.empty()) {
    reading.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return reading;
}

bool same(const Reading& a, const Reading& b) {
  if (a.stage != b.stage || a.status != b.status) return false;
  if (a.stage == Reading::Stage::refused) return true;
  return a.request.method == b.request.method && a.request.path == b.request.path &&
         a.request.query == b.request.query && a.request.fields == b.request.fields &&
         a.request.body == b.request.body && a.end == b.end && a.framing.chunked == b.framing.chunked &&
         a.framing.length == b.framing.length && a.framing.keep_alive == b.framing.keep_alive;
}

Unchunked unchunk(std::string_view bytes) {
  Unchunked out;
  std::string_view rest = bytes;
  const auto line = [&rest] {
    const auto end = rest.find("\r\n");
    if (end == std::string_view::npos) return std::string_view("?");
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return taken;
  };
  for (;;) {
    const std::string_view head = line();
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), size, 16);
    if (error != std::errc{} || size > rest.size()) return out;
    if (size == 0) break;
    out.data += rest.substr(0, size);
    rest.remove_prefix(size);
    if (!line().empty()) return out;
  }
  for (std::string_view trailer = line(); !trailer.empty(); trailer = line()) {
    if (trailer == "?") return out;
  }
  out.complete = true;
  out.end = bytes.size() - rest.size();
  return out;
}

}  // namespace bankconnect::fuzz
