// SHA-256 of what came: bodies are told apart, and secrets compared, by it.
#pragma once

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "statemachine/machine.hpp"

namespace bankconnect::webhook {

inline std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest(std::string_view text) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> out{};
  unsigned length = 0;
  const int made = EVP_Digest(text.data(), text.size(), out.data(), &length, EVP_sha256(), nullptr);
  // A digest that was not made would make all secrets equal.
  require(made == 1 && length == out.size(), "OpenSSL has SHA-256");
  return out;
}

}  // namespace bankconnect::webhook
