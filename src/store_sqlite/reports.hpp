// The rows of reports. Store thread only; throws SqliteError.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bankconnect/store.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

class Reports {
 public:
  explicit Reports(Connection& connection);

  /// Replaces what is stored of it. An error replaces only another error.
  void save(std::int64_t sid, const ReportWrite& write);
  void erase(std::int64_t sid);
  /// Of one session, without their bytes; by account and format.
  std::vector<ReportInfo> list(std::int64_t sid);
  /// Nothing when the session has no such report, or none with bytes.
  std::optional<Payload> find(const SessionId& id, const ReportName& name);

 private:
  Statement replace_, replace_error_, delete_, list_, find_;
};

}  // namespace bankconnect::store_sqlite
