#include "src/upstream/content_coding.hpp"

#include <zlib.h>

#include <array>
#include <memory>
#include <new>

#include "bankconnect/text.hpp"
#include "src/upstream/api_error.hpp"

namespace bankconnect::upstream {
namespace {

constexpr int kGzip = 15 + 16;  // zlib's window bits, and its flag for gzip's header
constexpr int kZlib = 15;
constexpr int kRawDeflate = -15;

CodingError unexpected(std::string_view content_encoding, const char* what) {
  return {"UNEXPECTED_BODY", "the answer is encoded as " + displayable(content_encoding, 40) + what};
}

enum class Inflated : std::uint8_t { complete, invalid, too_large };

/// One stream of compressed data, which has to end with `body`.
Inflated inflate_all(std::string_view body, int window_bits, std::uint64_t max_size, std::string& out) {
  z_stream stream{};
  if (::inflateInit2(&stream, window_bits) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // never written to
  stream.avail_in = static_cast<uInt>(body.size());
  std::array<char, 64UL * 1024> chunk{};
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    out.append(chunk.data(), chunk.size() - stream.avail_out);
    if (out.size() > max_size) return Inflated::too_large;
    if (result == Z_STREAM_END) return stream.avail_in == 0 ? Inflated::complete : Inflated::invalid;
    if (result != Z_OK) return Inflated::invalid;
  }
}

}  // namespace

boost::system::result<std::string, CodingError> decoded(std::string_view content_encoding, std::string body,
                                                        std::uint64_t max_size) {
  const std::string coding = to_lower(content_encoding);
  const bool gzip = coding == "gzip" || coding == "x-gzip";
  const bool deflate = coding == "deflate";
  if (coding == "br" || coding == "compress" || coding == "x-compress" || coding == "zstd" ||
      coding.find(',') != std::string::npos)
    return unexpected(content_encoding, "");
  if ((!gzip && !deflate) || body.empty()) return body;

  std::string out;
  Inflated result = inflate_all(body, gzip ? kGzip : kZlib, max_size, out);
  if (deflate && result == Inflated::invalid) {
    out.clear();
    result = inflate_all(body, kRawDeflate, max_size, out);
  }
  switch (result) {
    case Inflated::complete: return out;
    case Inflated::too_large:
      return CodingError{"RESPONSE_TOO_LARGE",
                         "the answer is larger than any to this call once decompressed"};
    case Inflated::invalid: break;
  }
  return unexpected(content_encoding, ", and is no complete data of that kind");
}

}  // namespace bankconnect::upstream
