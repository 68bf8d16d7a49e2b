// The last registration of the webhook URL. Store thread only; throws SqliteError.
#pragma once

#include <optional>

#include "bankconnect/records.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

class Registrations {
 public:
  explicit Registrations(Connection& connection);

  /// Replaces the one stored before.
  void save(const Registration& registration);
  std::optional<Registration> last();

 private:
  Statement save_, last_;
};

}  // namespace bankconnect::store_sqlite
