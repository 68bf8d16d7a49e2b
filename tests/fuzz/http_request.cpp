// Any bytes as one request. The result does not depend on how they are split; an accepted request is one that
// no other parser can read with another end or another host; bytes after it are left.
#include <algorithm>

#include "tests/fuzz/http_reading.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

bool token_char(char c) {
  const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool named(std::string_view field, std::string_view name) {
  return field.size() > name.size() && field[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), field.begin(), [](char a, char b) {
           return a == b || (b >= 'A' && b <= 'Z' && a == static_cast<char>(b + 32));
         });
}

/// The header's lines, without their ends. Only CR LF ends a line.
std::vector<std::string_view> lines_of(std::string_view header) {
  std::vector<std::string_view> lines;
  while (!header.empty()) {
    const auto end = header.find("\r\n");
    must(end != std::string_view::npos, "an accepted header ends with CR LF");
    lines.push_back(header.substr(0, end));
    header.remove_prefix(end + 2);
  }
  must(lines.size() >= 2 && lines.back().empty(), "an accepted header ends with an empty line");
  lines.pop_back();
  return lines;
}

void check_request_line(std::string_view line, bool http11) {
  const auto blank = line.find(' ');
  must(blank != std::string_view::npos && line.rfind(' ') > blank, "a request line has two blanks");
  const std::string_view target = line.substr(blank + 1, line.rfind(' ') - blank - 1);
  must(std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; }),
       "an accepted target is visible ASCII");
  must(line.ends_with(http11 ? " HTTP/1.1" : " HTTP/1.0"), "only HTTP/1.0 and 1.1 are served");
}

/// A field from which another parser would take the body's length is one that this server reads the same.
void check_framing_field(std::string_view line) {
  must(!named(line, "content_length") && !named(line, "transfer_encoding"),
       "no accepted field resembles a framing field");
  std::string_view value = line.substr(line.find(':') + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t") + 1);
  if (named(line, "transfer-encoding")) must(value == "chunked", "no encoding but chunked is accepted");
  if (named(line, "content-length"))
    must(!value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos,
         "a length is a number");
}

void check_header(const Reading& read, std::string_view header) {
  must(read.header_parsed == header.size(), "parser and scanner agree on where the header ends");
  const auto lines = lines_of(header);
  check_request_line(lines.front(), read.framing.http11);
  int hosts = 0;
  int encodings = 0;
  int lengths = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto colon = line.find(':');
    must(colon != std::string_view::npos && colon > 0, "every field of an accepted header has a name");
    must(std::ranges::all_of(line.substr(0, colon), token_char), "a field's name is a token");
    must(std::ranges::none_of(
             line, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }),
         "no control character is in an accepted header");
    check_framing_field(line);
    hosts += named(line, "host") ? 1 : 0;
    encodings += named(line, "transfer-encoding") ? 1 : 0;
    lengths += named(line, "content-length") ? 1 : 0;
  }
  must(hosts == 1 || (hosts == 0 && !read.framing.http11), "an accepted header has exactly one Host");
  must(encodings + lengths <= 1, "an accepted header has one framing field at most");
  must(read.framing.chunked == (encodings == 1), "a body is read as chunked exactly when the header says so");
  must(!read.framing.chunked || read.framing.http11, "HTTP/1.0 knows no chunks");
  must(read.request.fields.size() + 1 == lines.size(), "no field is lost, and none is added");
}

void check_path(const net::Request& request) {
  must(request.path == "*" || request.path.starts_with('/'), "an accepted path begins with a slash");
  must(std::ranges::none_of(request.path,
                            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
       "no control character is in an accepted path");
}

std::string chunk_again(const std::string& data) {
  std::string out;
  for (const char c : data)
    out += std::string("1\r\n") + c + "\r\n";
  return out + "0\r\n\r\n";
}

void check_body(const Reading& read, std::string_view bytes) {
  must(read.request.body.size() <= kMaxBody, "no body is larger than allowed");
  if (!read.framing.chunked) {
    must(read.request.body == bytes, "a body of a known length is what was sent");
    return;
  }
  const Unchunked plain = unchunk(bytes);
  must(plain.complete && plain.end == bytes.size(),
       "a chunked body ends where a simple parser finds its end");
  must(plain.data == read.request.body, "a chunked body holds the data that a simple parser finds");
  net::ChunkedBody chunks(kMaxBody);
  std::string again;
  std::size_t used = 0;
  const auto progress = chunks.feed(chunk_again(plain.data), again, used);
  must(progress == net::ChunkedBody::Progress::complete && again == plain.data,
       "data chunked again is read the same");
}

void check(std::string_view bytes) {
  const Reading read = read_in_pieces(bytes, bytes.size());
  must(same(read, read_in_pieces(bytes, 1)), "a request byte by byte is read like one that arrives at once");
  must(same(read, read_in_pieces(bytes, 7)), "a request in pieces is read like one that arrives at once");
  if (read.stage == Reading::Stage::header || read.stage == Reading::Stage::refused) return;

  check_header(read, bytes.substr(0, read.header_end));
  check_path(read.request);
  if (read.stage != Reading::Stage::complete) {
    must(read.end == bytes.size(), "of an incomplete body every byte was used");
    return;
  }
  check_body(read, bytes.substr(read.header_parsed, read.end - read.header_parsed));
  const std::string followed = std::string(bytes.substr(0, read.end)) + "0\r\n\r\nGET /next HTTP/1.1\r\n";
  must(same(read, read_in_pieces(followed, followed.size())), "bytes after a complete request are left");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
