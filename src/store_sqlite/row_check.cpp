#include "src/store_sqlite/row_check.hpp"

#include "src/store_sqlite/columns.hpp"

namespace bankconnect::store_sqlite {
namespace {

void expect_entry(Statement& entry, const SessionId& id) {
  const ResetOnExit reset(entry);
  if (!entry.step()) throw SqliteError(SQLITE_CORRUPT, "an index lacks session " + id.text());
}

}  // namespace

bool RowCheck::advance(std::uint32_t limit) {
  if (!rows_checked_) {
    rows_checked_ = !check_rows(limit);
  } else if (!index_checked_) {
    index_checked_ = !check_index(limit);
  }
  return !index_checked_;
}

/// A row that is missing from an index is not found, or not followed after the next start.
bool RowCheck::check_rows(std::uint32_t limit) {
  Statement by_id(connection_,
                  "SELECT 1 FROM sessions INDEXED BY sqlite_autoindex_sessions_1 WHERE id = ? AND sid = ?");
  Statement live(connection_,
                 "SELECT 1 FROM sessions INDEXED BY sessions_live WHERE final = 0 AND submitted_at IS ? AND "
                 "sid = ?");
  Statement after_end(connection_,
                      "SELECT 1 FROM sessions INDEXED BY sessions_after_end WHERE after_end <> 0 AND "
                      "submitted_at IS ? AND sid = ?");
  std::uint32_t checked = 0;
  tables_.rows_after(row_, limit, [&](std::int64_t sid, const SessionRecord& record) {
    const Durable& durable = record.durable;
    expect_entry(bind_id(by_id, record.id).bind(sid), record.id);
    if (!durable.final) expect_entry(live.bind(durable.submitted_at).bind(sid), record.id);
    if (durable.after_end != AfterEnd::nothing)
      expect_entry(after_end.bind(durable.submitted_at).bind(sid), record.id);
    row_ = sid;
    ++checked;
  });
  return checked == limit;
}

/// SQLite refuses an entry without its row, once the row is asked for: `state` is not in the index.
bool RowCheck::check_index(std::uint32_t limit) {
  Statement entries(connection_,
                    "SELECT id, state FROM sessions INDEXED BY sqlite_autoindex_sessions_1 WHERE id > ? "
                    "ORDER BY id LIMIT ?");
  std::uint32_t checked = 0;
  for (bind_id(entries, indexed_).bind(limit); entries.step(); ++checked) {
    indexed_ = read_id(entries);
    static_cast<void>(read_enum<State>(entries));
  }
  return checked == limit;
}

}  // namespace bankconnect::store_sqlite
