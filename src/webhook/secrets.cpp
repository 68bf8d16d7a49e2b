#include "src/webhook/secrets.hpp"

#include <openssl/crypto.h>

#include "bankconnect/digest.hpp"
#include "bankconnect/text.hpp"

namespace bankconnect::webhook {

Secrets::Secrets(std::vector<std::string> values) {
  for (std::string& value : values) {
    digests_.push_back(sha256(value));
    wipe(value);
  }
}

bool Secrets::accept(std::string_view given) const {
  const auto found = sha256(given);
  int matches = 0;
  for (const auto& expected : digests_)
    matches |= CRYPTO_memcmp(expected.data(), found.data(), found.size()) == 0 ? 1 : 0;
  return matches != 0;
}

}  // namespace bankconnect::webhook
