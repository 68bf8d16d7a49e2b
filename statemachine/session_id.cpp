#include "statemachine/session_id.hpp"

#include <cstring>

namespace bankconnect {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool hyphen_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The finaliser of splitmix64: every input bit reaches every output bit.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::string SessionId::text() const {
  std::string out;
  out.reserve(36);
  for (const std::uint8_t byte : bytes) {
    if (hyphen_at(out.size())) out.push_back('-');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<SessionId> SessionId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  SessionId id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (hyphen_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = digit_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++nibble;
  }
  return id;
}

std::size_t hash_of(const SessionId& id, std::uint64_t salt) {
  std::uint64_t halves[2];
  std::memcpy(halves, id.bytes.data(), sizeof halves);
  return static_cast<std::size_t>(mixed(mixed(halves[0] ^ salt) + halves[1]));
}

}  // namespace bankconnect
