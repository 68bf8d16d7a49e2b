// Payloads compressed for storage, and decompressed again: byte for byte the same, or an error.
// CPU-heavy; called on a worker thread.
#pragma once

#include <string>
#include <string_view>

#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

/// Compresses `bytes` (zstd, level 3, with its checksum) and computes their SHA-256.
Payload pack(std::string_view bytes, Wall fetched_at);

/// The bytes `pack` was given. Error PAYLOAD_DAMAGED when size or digest do not match.
Result<std::string> unpack(const Payload& payload);

}  // namespace bankconnect
