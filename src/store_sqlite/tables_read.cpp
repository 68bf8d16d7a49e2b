// The statements that only read.
#include <algorithm>

#include "src/store_sqlite/columns.hpp"
#include "src/store_sqlite/row_checksum.hpp"
#include "src/store_sqlite/tables.hpp"

namespace bankconnect::store_sqlite {

std::string select_session_sql() {
  return "SELECT sid, id, reference, " + durable_column_list() +
         ", error_code, error_message, error_at, uploaded_accounts, processed_accounts, statement_progress, "
         "evidence_call, evidence_at, evidence_field, evidence_value, evidence_statement, checksum, "
         "reference_checksum, uploaded_accounts_checksum, processed_accounts_checksum, "
         "statement_progress_checksum, "
         "evidence_checksum FROM sessions ";
}

namespace {

void check_row(Statement& s, const SessionRecord& record, const Evidence& evidence) {
  const std::int64_t row = row_checksum(record.id, record.durable, record.last_error);
  expect_checksum(s, row, record.id, "the state");
  expect_checksum(s, row_checksum(record.reference), record.id, "the reference");
  expect_checksum(s, row_checksum(record.uploaded_accounts), record.id, "the list of uploads");
  expect_checksum(s, row_checksum(record.processed_accounts), record.id, "the list of accounts");
  expect_checksum(s, row_checksum(record.statement_progress), record.id, "the progress");
  expect_checksum(s, row_checksum(evidence), record.id, "the evidence");
}

}  // namespace

Tables::Row Tables::read_row(Statement& s) {
  Row row;
  row.sid = s.integer();
  row.record.id = read_id(s);
  row.record.reference = s.text();
  read_durable(s, row.record.durable);
  LastError error{s.text(), s.text(), s.wall()};
  if (!error.code.empty()) row.record.last_error = std::move(error);
  row.record.uploaded_accounts = s.text();
  row.record.processed_accounts = s.text();
  row.record.statement_progress = s.text();
  Evidence evidence;
  if (s.is_null()) {
    s.skip();
  } else {
    evidence.call = read_enum<Call>(s);
  }
  evidence.at = s.wall();
  evidence.field = s.text();
  evidence.value = s.text();
  evidence.statement = s.text();
  check_row(s, row.record, evidence);
  if (!evidence.field.empty()) row.record.evidence = std::move(evidence);
  return row;
}

void Tables::add_payload_infos(Row& row) {
  const ResetOnExit reset(select_payload_infos_);
  select_payload_infos_.bind(row.sid);
  while (select_payload_infos_.step()) {
    PayloadInfo info;
    info.kind = read_enum<Call>(select_payload_infos_);
    info.bytes = static_cast<std::uint64_t>(select_payload_infos_.integer());
    info.sha256 = read_digest(select_payload_infos_);
    info.fetched_at = select_payload_infos_.wall();
    row.record.payloads.push_back(info);
  }
}

void Tables::add_history(Row& row) {
  const ResetOnExit reset(select_history_);
  select_history_.bind(row.sid).bind(kHistoryShown + 1);
  std::vector<EventRecord>& history = row.record.history;
  while (select_history_.step()) {
    EventRecord event = read_event(select_history_);
    event.id = row.record.id;
    event.reference = row.record.reference;
    history.push_back(std::move(event));
  }
  row.record.more_history = history.size() > kHistoryShown;
  if (row.record.more_history) history.pop_back();
  std::ranges::reverse(history);
}

EventRecord Tables::read_event(Statement& s) {
  EventRecord event;
  event.seq = static_cast<std::uint64_t>(s.integer());
  event.erased = s.integer() != 0;
  if (event.erased) return event;
  Transition& t = event.transition;
  t.at = s.wall();
  if (s.is_null()) {
    s.skip();
  } else {
    t.from = read_enum<State>(s);
  }
  t.to = read_enum<State>(s);
  t.cause = read_enum<Cause>(s);
  t.trigger = read_enum<Trigger>(s);
  t.final = s.integer() != 0;
  t.outcome = read_enum<Outcome>(s);
  t.reason = read_enum<Reason>(s);
  event.reason_code = s.text();
  return event;
}

std::optional<SessionRecord> Tables::session(const SessionId& id) {
  std::optional<Row> row;
  {
    const ResetOnExit reset(select_session_);
    bind_id(select_session_, id);
    if (!select_session_.step()) return std::nullopt;
    row = read_row(select_session_);
  }
  add_payload_infos(*row);
  row->record.reports = reports_.list(row->sid);
  add_history(*row);
  return std::move(row->record);
}

SessionPage Tables::sessions(const SessionQuery& query) {
  std::string sql = select_session_sql() + "WHERE sid > ?";
  if (query.state) sql += " AND state = ?";
  if (query.reference) sql += " AND reference = ?";
  sql += " ORDER BY sid LIMIT ?";
  Statement select(connection_, sql);
  select.bind(as_rowid(query.after));
  if (query.state) select.bind(value(*query.state));
  if (query.reference) select.bind(*query.reference);
  const std::uint32_t limit = std::clamp(query.limit, 1U, kMaxSessionsPage);
  select.bind(limit + 1);

  std::vector<Row> rows;
  while (select.step())
    rows.push_back(read_row(select));
  SessionPage page;
  if (rows.size() > limit) {
    rows.pop_back();
    page.next = static_cast<std::uint64_t>(rows.back().sid);
  }
  for (Row& row : rows) {
    add_payload_infos(row);
    row.record.reports = reports_.list(row.sid);
    page.sessions.push_back(std::move(row.record));
  }
  return page;
}

std::optional<Payload> Tables::payload(const SessionId& id, Call kind) {
  const ResetOnExit reset(select_payload_);
  bind_id(select_payload_, id).bind(value(kind));
  if (!select_payload_.step()) return std::nullopt;
  return read_payload(select_payload_);
}

EventPage Tables::events(const EventQuery& query) {
  EventPage page;
  page.log_id = log_id();
  page.newest = last_event_seq();
  {
    const ResetOnExit reset(oldest_event_);
    if (oldest_event_.step()) page.oldest = static_cast<std::uint64_t>(oldest_event_.integer());
  }
  page.gone = query.after < page.oldest - 1;
  if (page.gone) return page;
  Statement& select = query.id ? select_session_events_ : select_events_;
  const ResetOnExit reset(select);
  if (query.id) bind_id(select, *query.id);
  select.bind(as_rowid(query.after)).bind(std::clamp(query.limit, 1U, kMaxEventsPage));
  while (select.step()) {
    EventRecord event = read_event(select);
    if (!event.erased) {
      event.id = read_id(select);
      event.reference = select.text();
    }
    page.events.push_back(std::move(event));
  }
  if (query.id && page.events.empty()) {
    const ResetOnExit found(find_final_);
    bind_id(find_final_, *query.id);
    page.unknown_session = !find_final_.step();
  }
  return page;
}

void Tables::rows_after(std::int64_t sid, std::uint32_t limit,
                        const std::function<void(std::int64_t, const SessionRecord&)>& visit) {
  Statement rows(connection_, select_session_sql() + "NOT INDEXED WHERE sid > ? ORDER BY sid LIMIT ?");
  for (rows.bind(sid).bind(std::int64_t{limit}); rows.step();) {
    const Row row = read_row(rows);
    visit(row.sid, row.record);
  }
}

void Tables::each_live(const std::function<void(const SessionRecord&)>& visit) {
  const ResetOnExit reset(live_);
  while (live_.step()) {
    Row row = read_row(live_);
    if (awaits_reports(row.record.durable)) row.record.reports = reports_.list(row.sid);
    visit(row.record);
  }
}

StateCounts Tables::count_states() {
  StateCounts counts{};
  Statement count(connection_, "SELECT state, count(*) FROM sessions GROUP BY state");
  while (count.step()) {
    const State state = read_enum<State>(count);
    counts[static_cast<std::size_t>(state)] = static_cast<std::uint64_t>(count.integer());
  }
  return counts;
}

std::optional<std::pair<SessionId, Wall>> Tables::oldest_live() {
  const ResetOnExit reset(oldest_live_);
  if (!oldest_live_.step()) return std::nullopt;
  const SessionId id = read_id(oldest_live_);
  return std::pair{id, oldest_live_.wall()};
}

std::uint64_t Tables::last_event_seq() {
  const ResetOnExit reset(last_event_seq_);
  return last_event_seq_.step() ? static_cast<std::uint64_t>(last_event_seq_.integer()) : 0;
}

std::string Tables::log_id() {
  const ResetOnExit reset(log_id_);
  return log_id_.step() ? log_id_.text() : std::string();
}

}  // namespace bankconnect::store_sqlite
