// Bodies that arrive compressed although no request asks for it: a proxy in between may do that.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace bankconnect::upstream {

/// Why a body cannot be decompressed; `code` as in LastError.
struct CodingError {
  const char* code;
  std::string message;
};

/// The body behind a `Content-Encoding`. gzip and deflate (with zlib's header or without) are decompressed.
/// What names no compression (`identity`, `utf-8`, …) changes nothing. Errors, with a sentence about the
/// answer: UNEXPECTED_BODY for br, compress, zstd, several codings, and for a body that is no valid or
/// complete compressed data; RESPONSE_TOO_LARGE for one of more than `max_size` bytes.
boost::system::result<std::string, CodingError> decoded(std::string_view content_encoding, std::string body,
                                                        std::uint64_t max_size);

}  // namespace bankconnect::upstream
