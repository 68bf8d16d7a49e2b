#include "src/ctl/sanitize.hpp"

#include <cstddef>

namespace bankconnect::ctl {

namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< 0: this is not UTF-8
};

/// The character `text` begins with.
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7fU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) return {};
    code = code << 6 | (byte & 0x3f);
  }
  // More bytes than it takes: some terminals would read a control character all the same.
  if (code < (bytes == 2 ? 0x80U : bytes == 3 ? 0x800U : 0x10000U)) return {};
  return {code, bytes};
}

bool steers_the_terminal(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  const bool bidirectional = code == 0x061c || code == 0x200e || code == 0x200f ||
                             (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return control || bidirectional;
}

}  // namespace

std::string sanitize_for_terminal(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_of(text);
    const std::size_t taken = next.bytes == 0 ? 1 : next.bytes;
    out += next.bytes == 0 || steers_the_terminal(next.code) ? kReplacement : text.substr(0, taken);
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace bankconnect::ctl
