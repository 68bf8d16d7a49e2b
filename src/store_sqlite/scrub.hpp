// What SQLite leaves behind in its pages. `secure_delete` zeroes what is deleted, but when SQLite moves rows
// from one page to another (splitting, merging) it leaves copies of them in the space between a page's cell
// pointers and its cells: bytes that belong to no row, that no DELETE reaches, and that the file keeps. So
// every connection of ours writes through a layer that zeroes this space on the way to the database file.
//
// With that a row's bytes are in its cells, in the write-ahead log and in the page cache, and nowhere else.
// Erasing deletes the first, empties the second and drops the third.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bankconnect::store_sqlite {

/// The layer's name, for sqlite3_open_v2. Registers it first, once.
const char* scrubbing_vfs();

/// Zeroes the space that a b-tree page does not use; leaves any other page alone. `number` is the page's,
/// from 1.
void scrub_page(std::span<std::uint8_t> page, std::uint64_t number);

/// A page's first byte tells b-tree pages from overflow pages as long as page numbers stay below this.
inline constexpr std::int64_t kMostPages = 0x01ff'ffff;

}  // namespace bankconnect::store_sqlite
