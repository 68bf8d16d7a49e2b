#include "src/webhook/secrets.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace bankconnect::webhook {

namespace {

std::array<std::uint8_t, 32> digest(std::string_view text) {
  std::array<std::uint8_t, 32> out{};
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

}  // namespace

Secrets::Secrets(std::vector<std::string> values) {
  for (std::string& value : values) {
    digests_.push_back(digest(value));
    OPENSSL_cleanse(value.data(), value.size());
  }
}

bool Secrets::accept(std::string_view given) const {
  const auto found = digest(given);
  int matches = 0;
  for (const auto& expected : digests_)
    matches |= CRYPTO_memcmp(expected.data(), found.data(), found.size()) == 0 ? 1 : 0;
  return matches != 0;
}

}  // namespace bankconnect::webhook
