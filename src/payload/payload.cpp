#include "bankconnect/payload.hpp"

#include <zstd.h>

#include <memory>
#include <new>
#include <stdexcept>

namespace bankconnect {
namespace {

constexpr int kLevel = 3;

}  // namespace

Payload pack(std::string_view bytes, Wall fetched_at) {
  Payload payload;
  payload.bytes = bytes.size();
  payload.sha256 = sha256(bytes);
  payload.fetched_at = fetched_at;

  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  payload.compressed.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress2(context.get(), payload.compressed.data(), payload.compressed.size(),
                                          bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(size));
  payload.compressed.resize(size);
  payload.compressed.shrink_to_fit();
  return payload;
}

Result<std::string> unpack(const Payload& payload) {
  // Checked before memory is allocated: a damaged size must not allocate all there is.
  const auto announced = ZSTD_getFrameContentSize(payload.compressed.data(), payload.compressed.size());
  if (announced != payload.bytes || announced >= ZSTD_CONTENTSIZE_ERROR)
    return Error{ErrorCode::payload_damaged, "the size differs from what was stored"};
  std::string bytes(payload.bytes, '\0');
  const std::size_t size =
      ZSTD_decompress(bytes.data(), bytes.size(), payload.compressed.data(), payload.compressed.size());
  if (ZSTD_isError(size) != 0)
    return Error{ErrorCode::payload_damaged, std::string("zstd: ") + ZSTD_getErrorName(size)};
  if (size != payload.bytes || sha256(bytes) != payload.sha256) {
    return Error{ErrorCode::payload_damaged, "size or SHA-256 differ from what was stored"};
  }
  return bytes;
}

}  // namespace bankconnect
