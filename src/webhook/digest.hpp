// SHA-256 of what came: bodies are told apart, and secrets compared, by it.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace bankconnect::webhook {

inline std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest(std::string_view text) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> out{};
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

}  // namespace bankconnect::webhook
