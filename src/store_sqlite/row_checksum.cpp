#include "src/store_sqlite/row_checksum.hpp"

#include <zlib.h>

#include <array>

#include "src/store_sqlite/columns.hpp"

namespace bankconnect::store_sqlite {
namespace {

class Crc {
 public:
  /// Lowest byte first, so that a copy can be read on any machine.
  Crc& add(std::int64_t number) {
    std::array<Bytef, sizeof number> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<Bytef>(static_cast<std::uint64_t>(number) >> (8 * i));
    crc_ = crc32_z(crc_, bytes.data(), bytes.size());
    return *this;
  }
  /// With its length, so that no byte can move from one text to the next.
  Crc& add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    if (!text.empty()) crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(text.data()), text.size());
    return *this;
  }
  Crc& add(Wall time) { return add(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  Crc& add(Elapsed time) { return add(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  std::int64_t value() const { return static_cast<std::int64_t>(crc_); }

 private:
  uLong crc_ = crc32(0, nullptr, 0);
};

}  // namespace

std::int64_t row_checksum(const SessionId& id, const Durable& of, const std::optional<LastError>& error) {
  Durable durable = of;
  durable.restored = false;
  Crc crc;
  crc.add(std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  for_each_durable_column([&](const auto& column) {
    const auto& member = durable.*column.member;
    if constexpr (requires { member.time_since_epoch(); }) {
      crc.add(member);
    } else {
      crc.add(static_cast<std::int64_t>(member));
    }
  });
  if (error && !error->code.empty()) crc.add(error->code).add(error->message).add(error->at);
  return crc.value();
}

std::int64_t row_checksum(std::string_view text) {
  return Crc().add(text).value();
}

std::int64_t row_checksum(const Evidence& evidence) {
  Crc crc;
  crc.add(evidence.call ? value(*evidence.call) : -1).add(evidence.at);
  return crc.add(evidence.field).add(evidence.value).add(evidence.statement).value();
}

void expect_checksum(Statement& statement, std::int64_t computed, const SessionId& id,
                     std::string_view what) {
  if (statement.is_null()) return statement.skip();
  if (statement.integer() == computed) return;
  throw SqliteError(SQLITE_CORRUPT, std::string(what) + " of session " + id.text() +
                                        " differs from what was stored (checksum)");
}

}  // namespace bankconnect::store_sqlite
