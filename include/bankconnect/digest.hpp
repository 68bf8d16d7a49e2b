// SHA-256: identifies webhook bodies, verifies payloads and compares secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bankconnect {

using Sha256 = std::array<std::uint8_t, 32>;

/// Throws std::bad_alloc when OpenSSL has no memory for it, which is the only way it can fail.
Sha256 sha256(std::string_view bytes);

/// In lower-case hexadecimal digits.
std::string hex(const Sha256& digest);

}  // namespace bankconnect
