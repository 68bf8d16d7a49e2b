// CRC-32 of what the row of a session holds: SQLite notices a damaged page only where its structure is, and
// the rules would believe a state or a time with a flipped bit. Payloads and reports have their SHA-256.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bankconnect/records.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

/// Of what the rules decide on, and of what is changed with it; without `restored`, which is set in all rows
/// at once before they are read.
std::int64_t row_checksum(const SessionId& id, const Durable& durable, const std::optional<LastError>& error);
/// Of a column that is changed by itself.
std::int64_t row_checksum(std::string_view text);
std::int64_t row_checksum(const Evidence& evidence);

/// Reads the next column, in which `computed` is expected, and throws SqliteError (SQLITE_CORRUPT) when
/// another number is there. Rows of earlier versions have none until they are written again.
void expect_checksum(Statement& statement, std::int64_t computed, const SessionId& id, std::string_view what);

}  // namespace bankconnect::store_sqlite
