// What the store asks of the file system below it.
#pragma once

#include <cstdint>
#include <string>

namespace bankconnect::store {

/// Whether this errno says that there is no room: the disk is full or, to whoever runs into it the same, a
/// quota is used up.
bool no_room(int error);

/// In bytes; 0 when there is no such file.
std::uint64_t size_of(const std::string& path);

/// Whether the file can grow to `size` bytes, for all that the file system says.
bool can_grow(const std::string& path, std::uint64_t size);

/// Reserves so many bytes behind the end of a file, if it exists. False when there is no room; a file system
/// that cannot reserve has room until a write finds out.
bool reserve(const std::string& path, std::uint64_t bytes);

/// Whether there is no room for a file like those SQLite makes beside the database. Its own errors do not
/// tell: it tries again to open without making, and does not keep what went wrong with the index.
bool no_room_beside(const std::string& path);

}  // namespace bankconnect::store
