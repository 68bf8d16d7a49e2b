#include "src/store_sqlite/scrub.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {
namespace {

// The layer is SQLite's default one with another xWrite for the database file. SQLite allocates `szOsFile`
// bytes for a file: ours first, the default layer's behind it.
struct ScrubbedFile {
  sqlite3_file base;
  bool database;
};
constexpr std::size_t kOurSize = (sizeof(ScrubbedFile) + 15) / 16 * 16;

sqlite3_vfs* below() {
  static sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  return vfs;
}

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kOurSize);
}

/// Passes a call on to the file below.
template <auto Method, class... Arguments>
auto pass_on(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const lower = real(file);
  return (lower->pMethods->*Method)(lower, arguments...);
}

bool is_whole_page(int size, sqlite3_int64 offset) {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0 && offset % size == 0;
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  sqlite3_file* const lower = real(file);
  if (!reinterpret_cast<ScrubbedFile*>(file)->database || !is_whole_page(size, offset)) {
    return lower->pMethods->xWrite(lower, data, size, offset);
  }
  try {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    std::vector<std::uint8_t> page(bytes, bytes + size);
    scrub_page(page, static_cast<std::uint64_t>(offset / size) + 1);
    return lower->pMethods->xWrite(lower, page.data(), size, offset);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

int close(sqlite3_file* file) {
  const int code = pass_on<&sqlite3_io_methods::xClose>(file);
  file->pMethods = nullptr;
  return code;
}

using M = sqlite3_io_methods;
constexpr M kMethods = {3,
                        close,
                        pass_on<&M::xRead, void*, int, sqlite3_int64>,
                        write,
                        pass_on<&M::xTruncate, sqlite3_int64>,
                        pass_on<&M::xSync, int>,
                        pass_on<&M::xFileSize, sqlite3_int64*>,
                        pass_on<&M::xLock, int>,
                        pass_on<&M::xUnlock, int>,
                        pass_on<&M::xCheckReservedLock, int*>,
                        pass_on<&M::xFileControl, int, void*>,
                        pass_on<&M::xSectorSize>,
                        pass_on<&M::xDeviceCharacteristics>,
                        pass_on<&M::xShmMap, int, int, int, void volatile**>,
                        pass_on<&M::xShmLock, int, int, int>,
                        pass_on<&M::xShmBarrier>,
                        pass_on<&M::xShmUnmap, int>,
                        pass_on<&M::xFetch, sqlite3_int64, int, void**>,
                        pass_on<&M::xUnfetch, sqlite3_int64, void*>};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  real(file)->pMethods = nullptr;
  const int code = below()->xOpen(below(), name, real(file), flags, flags_out);
  if (real(file)->pMethods != nullptr) {
    reinterpret_cast<ScrubbedFile*>(file)->database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    file->pMethods = &kMethods;
  }
  return code;
}

std::size_t number_at(std::span<const std::uint8_t> page, std::size_t at) {
  return static_cast<std::size_t>(page[at]) << 8 | page[at + 1];
}

}  // namespace

void scrub_page(std::span<std::uint8_t> page, std::uint64_t number) {
  const std::size_t header = number == 1 ? 100 : 0;
  const std::uint8_t type = page[header];
  const bool interior = type == 0x02 || type == 0x05;
  const bool leaf = type == 0x0a || type == 0x0d;
  if (!interior && !leaf) return;
  const std::size_t pointers_end = header + (interior ? 12U : 8U) + 2 * number_at(page, header + 3);
  std::size_t cells = number_at(page, header + 5);
  if (cells == 0) cells = 65536;
  if (pointers_end > cells || cells > page.size()) return;
  std::fill(page.begin() + static_cast<std::ptrdiff_t>(pointers_end),
            page.begin() + static_cast<std::ptrdiff_t>(cells), std::uint8_t{0});
}

const char* scrubbing_vfs() {
  if (below() == nullptr) throw SqliteError(SQLITE_NOMEM, "SQLite does not start");
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs layer = *below();
    layer.szOsFile += static_cast<int>(kOurSize);
    layer.pNext = nullptr;
    layer.zName = "bankconnect-scrubbing";
    layer.xOpen = open;
    return layer;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  // Without it SQLite would take its own layer, and erased bytes would stay.
  if (registered != SQLITE_OK) throw SqliteError(registered, "the scrubbing layer is not taken");
  return vfs.zName;
}

}  // namespace bankconnect::store_sqlite
