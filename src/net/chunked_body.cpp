#include "src/net/chunked_body.hpp"

#include <algorithm>
#include <array>

#include "bankconnect/text.hpp"

namespace bankconnect::net {

namespace {

constexpr unsigned kMostDigits = 8;

bool token_char(char c) {
  const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

std::size_t token_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, token_char) - text.begin());
}

/// The length of the quoted string that `text` begins with, or 0.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (control(text[i])) return 0;
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

bool well_formed_extensions(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const std::size_t name = token_length(text);
    if (name == 0) return false;
    text.remove_prefix(name);
    if (text.empty() || text.front() != '=') continue;
    text.remove_prefix(1);
    const std::size_t value = text.starts_with('"') ? quoted_length(text) : token_length(text);
    if (value == 0) return false;
    text.remove_prefix(value);
  }
  return true;
}

const char* fault_in_trailer(std::string_view line) {
  const std::size_t name = token_length(line);
  if (name == 0 || name == line.size() || line[name] != ':') return "a trailer line is not a field";
  if (std::ranges::any_of(line, control)) return "a control character in a trailer";
  constexpr std::array<std::string_view, 29> kNotHere = {"age",
                                                         "authorization",
                                                         "cache-control",
                                                         "connection",
                                                         "content-encoding",
                                                         "content-type",
                                                         "content-range",
                                                         "content-length",
                                                         "cookie",
                                                         "date",
                                                         "expect",
                                                         "expires",
                                                         "forwarded",
                                                         "host",
                                                         "keep-alive",
                                                         "location",
                                                         "max-forwards",
                                                         "pragma",
                                                         "proxy-authorization",
                                                         "range",
                                                         "retry-after",
                                                         "set-cookie",
                                                         "te",
                                                         "trailer",
                                                         "transfer-encoding",
                                                         "upgrade",
                                                         "vary",
                                                         "x-api-key",
                                                         "x-secret-key"};
  const std::string lower = to_lower(line.substr(0, name));
  const bool matters = std::ranges::find(kNotHere, lower) != kNotHere.end() || lower.starts_with("if-") ||
                       lower.starts_with("x-forwarded-") || lower.starts_with("proxy-");
  return matters ? "a trailer names a field that belongs in the header" : nullptr;
}

ChunkedBody::Progress ChunkedBody::feed(std::string_view bytes, std::string& body, std::size_t& used) {
  used = 0;
  while (used < bytes.size()) {
    if (state_ == State::data) {
      const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, bytes.size() - used));
      body.append(bytes, used, part);
      used += part;
      chunk_ -= part;
      if (chunk_ == 0) state_ = State::data_cr;
      continue;
    }
    const Progress found = take_line_byte(bytes[used]);
    if (found == Progress::malformed || found == Progress::too_large) return found;
    ++used;
    if (found == Progress::complete) return found;
  }
  return Progress::incomplete;
}

/// Everything but data.
ChunkedBody::Progress ChunkedBody::take_line_byte(char c) {
  switch (state_) {
    case State::size:
    case State::extension: return take_size(c);
    case State::size_lf:
      if (c != '\n') return malformed("a chunk's size line ends with CR LF");
      return end_size_line();
    case State::data_cr:
    case State::data_lf:
      if (c != (state_ == State::data_cr ? '\r' : '\n'))
        return malformed("a chunk's data does not end where it should");
      state_ = state_ == State::data_cr ? State::data_lf : State::size;
      return Progress::incomplete;
    case State::trailer: return take_trailer_byte(c);
    case State::trailer_lf:
      if (c != '\n') return malformed("a trailer line ends with CR LF");
      if (const char* fault = fault_in_trailer(line_)) return malformed(fault);
      line_.clear();
      state_ = State::trailer;
      return Progress::incomplete;
    case State::last_lf:
      if (c != '\n') return malformed("the last line ends with CR LF");
      return Progress::complete;
    case State::data: break;
  }
  return malformed("not a chunked body");
}

ChunkedBody::Progress ChunkedBody::take_size(char c) {
  if (c == '\r') {
    if (digits_ == 0) return malformed("a chunk without a size");
    if (!well_formed_extensions(line_)) return malformed("a malformed chunk extension");
    state_ = State::size_lf;
    return Progress::incomplete;
  }
  if (state_ == State::extension || (c == ';' && digits_ > 0)) {
    if (control(c)) return malformed("a control character in a chunk extension");
    if (++extension_bytes_ > kMostExtension) return malformed("chunk extensions that long are not taken");
    state_ = State::extension;
    line_ += c;
    return Progress::incomplete;
  }
  const int value = hex_value(c);
  if (value < 0) return malformed("a chunk size is not a hexadecimal number");
  if (++digits_ > kMostDigits) return malformed("an absurd chunk size");
  chunk_ = chunk_ * 16 + static_cast<unsigned>(value);
  return Progress::incomplete;
}

ChunkedBody::Progress ChunkedBody::end_size_line() {
  line_.clear();
  digits_ = 0;
  if (chunk_ > left_) return Progress::too_large;
  left_ -= chunk_;
  state_ = chunk_ == 0 ? State::trailer : State::data;
  return Progress::incomplete;
}

ChunkedBody::Progress ChunkedBody::take_trailer_byte(char c) {
  if (c == '\r') {
    state_ = line_.empty() ? State::last_lf : State::trailer_lf;
    return Progress::incomplete;
  }
  if (++trailer_bytes_ > kMostTrailer) return malformed("trailers that long are not taken");
  if (control(c)) return malformed("a control character in a trailer");
  line_ += c;
  return Progress::incomplete;
}

}  // namespace bankconnect::net
