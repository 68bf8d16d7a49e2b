#include "src/store_sqlite/reports.hpp"

#include "src/store_sqlite/columns.hpp"

namespace bankconnect::store_sqlite {

Reports::Reports(Connection& c)
    : replace_(c,
               "INSERT OR REPLACE INTO reports (sid, account, format, bytes, sha256, fetched_at, zstd) "
               "VALUES (?,?,?,?,?,?,?)"),
      replace_error_(c,
                     "INSERT INTO reports (sid, account, format, bytes, error_code, error_message, error_at) "
                     "VALUES (?,?,?,0,?,?,?) ON CONFLICT (sid, account, format) DO UPDATE SET "
                     "error_code = excluded.error_code, error_message = excluded.error_message, "
                     "error_at = excluded.error_at WHERE zstd IS NULL"),
      delete_(c, "DELETE FROM reports WHERE sid = ?"),
      list_(c,
            "SELECT account, format, bytes, sha256, fetched_at, error_code, error_message, error_at "
            "FROM reports WHERE sid = ? ORDER BY account, format"),
      find_(c,
            "SELECT r.bytes, r.sha256, r.fetched_at, r.zstd FROM reports r JOIN sessions s USING (sid) "
            "WHERE s.id = ? AND r.account = ? AND r.format = ? AND r.zstd IS NOT NULL") {}

void Reports::save(std::int64_t sid, const ReportWrite& write) {
  if (!write.report) {
    replace_error_.bind(sid).bind(write.name.account).bind(value(write.name.format));
    replace_error_.bind(write.error.code).bind(write.error.message).bind(write.error.at).run();
    return;
  }
  const Payload& report = *write.report;
  replace_.bind(sid).bind(write.name.account).bind(value(write.name.format));
  replace_.bind(static_cast<std::int64_t>(report.bytes));
  replace_.bind_blob(report.sha256.data(), report.sha256.size()).bind(report.fetched_at);
  replace_.bind_blob(report.compressed.data(), report.compressed.size()).run();
}

void Reports::erase(std::int64_t sid) {
  delete_.bind(sid).run();
}

std::vector<ReportInfo> Reports::list(std::int64_t sid) {
  const ResetOnExit reset(list_);
  std::vector<ReportInfo> reports;
  list_.bind(sid);
  while (list_.step()) {
    ReportInfo& report = reports.emplace_back();
    report.name.account = list_.text();
    report.name.format = read_enum<ReportFormat>(list_);
    report.bytes = static_cast<std::uint64_t>(list_.integer());
    report.sha256 = read_digest(list_);
    report.fetched_at = list_.wall();
    LastError error{list_.text(), list_.text(), list_.wall()};
    if (!error.code.empty()) report.error = std::move(error);
  }
  return reports;
}

std::optional<Payload> Reports::find(const SessionId& id, const ReportName& name) {
  const ResetOnExit reset(find_);
  bind_id(find_, id).bind(name.account).bind(value(name.format));
  if (!find_.step()) return std::nullopt;
  return read_payload(find_);
}

}  // namespace bankconnect::store_sqlite
