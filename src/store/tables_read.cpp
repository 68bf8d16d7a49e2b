// The statements that only read.
#include <algorithm>

#include "src/store/columns.hpp"
#include "src/store/tables.hpp"

namespace bankconnect::store {
namespace {

Sha256 read_digest(Statement& s) {
  Sha256 digest{};
  const std::string_view blob = s.blob();
  if (blob.size() == digest.size()) std::memcpy(digest.data(), blob.data(), blob.size());
  return digest;
}

}  // namespace

Tables::Row Tables::read_row(Statement& s) {
  Row row;
  row.sid = s.integer();
  row.record.id = read_id(s);
  row.record.reference = s.text();
  Kept& kept = row.record.kept;
  kept.state = read_enum(s, State::failed);
  kept.final = s.integer() != 0;
  kept.failed_from = read_enum(s, State::failed);
  kept.upload_status = read_enum(s, UploadStatus::unknown);
  kept.outcome = read_enum(s, Outcome::partial);
  kept.reason = read_enum(s, Reason::refused);
  kept.why = read_enum(s, Why::reopened);
  kept.hold = s.integer() != 0;
  kept.process_wanted = s.integer() != 0;
  kept.stalled = s.integer() != 0;
  kept.requested_elsewhere = s.integer() != 0;
  kept.anomalies = read_number<std::uint8_t>(s);
  kept.reinitiates = read_number<std::uint8_t>(s);
  kept.accounts = read_number<std::uint32_t>(s);
  kept.statements = read_number<std::uint32_t>(s);
  kept.fingerprint = read_number<std::uint32_t>(s);
  kept.submitted_at = s.wall();
  kept.followed_from = s.reckoned();
  kept.since = s.wall();
  kept.state_since = s.reckoned();
  kept.expires_at = s.wall();
  kept.requested_at = s.wall();
  kept.accepted_at = s.wall();
  kept.not_found_since = s.reckoned();
  kept.final_at = s.reckoned();
  kept.hinted_at = s.wall();
  LastError error{s.text(), s.text(), s.wall()};
  if (!error.code.empty()) row.record.last_error = std::move(error);
  row.record.accounts = s.text();
  return row;
}

void Tables::add_details(Row& row) {
  {
    const Using use(select_payload_infos_);
    select_payload_infos_.bind(row.sid);
    while (select_payload_infos_.step()) {
      PayloadInfo info;
      info.kind = read_enum(select_payload_infos_, Call::insights);
      info.bytes = static_cast<std::uint64_t>(select_payload_infos_.integer());
      info.sha256 = read_digest(select_payload_infos_);
      info.fetched_at = select_payload_infos_.wall();
      row.record.payloads.push_back(info);
    }
  }
  const Using use(select_history_);
  select_history_.bind(row.sid);
  while (select_history_.step()) {
    EventRecord event = read_event(select_history_);
    event.id = row.record.id;
    event.reference = row.record.reference;
    row.record.history.push_back(std::move(event));
  }
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
    t.from = read_enum(s, State::failed);
  }
  t.to = read_enum(s, State::failed);
  t.cause = read_enum(s, Cause::operator_);
  t.trigger = read_enum(s, Trigger::retry);
  t.final = s.integer() != 0;
  t.outcome = read_enum(s, Outcome::partial);
  t.reason = read_enum(s, Reason::refused);
  event.reason_code = s.text();
  return event;
}

std::optional<SessionRecord> Tables::session(const SessionId& id) {
  std::optional<Row> row;
  {
    const Using use(select_session_);
    bind_id(select_session_, id);
    if (!select_session_.step()) return std::nullopt;
    row = read_row(select_session_);
  }
  add_details(*row);
  return std::move(row->record);
}

SessionPage Tables::sessions(const SessionQuery& query) {
  std::string sql = SELECT_SESSION "WHERE sid > ?";
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
    add_details(row);
    page.sessions.push_back(std::move(row.record));
  }
  return page;
}

std::optional<Payload> Tables::payload(const SessionId& id, Call kind) {
  const Using use(select_payload_);
  bind_id(select_payload_, id).bind(value(kind));
  if (!select_payload_.step()) return std::nullopt;
  Payload payload;
  payload.bytes = static_cast<std::uint64_t>(select_payload_.integer());
  payload.sha256 = read_digest(select_payload_);
  payload.fetched_at = select_payload_.wall();
  payload.compressed = select_payload_.blob();
  return payload;
}

EventPage Tables::events(std::uint64_t after, std::uint32_t limit) {
  EventPage page;
  {
    const Using use(oldest_event_);
    if (oldest_event_.step()) page.oldest = static_cast<std::uint64_t>(oldest_event_.integer());
  }
  page.gone = after < page.oldest - 1;
  if (page.gone) return page;
  const Using use(select_events_);
  select_events_.bind(as_rowid(after));
  select_events_.bind(std::clamp(limit, 1U, kMaxEventsPage));
  while (select_events_.step()) {
    EventRecord event = read_event(select_events_);
    if (!event.erased) {
      event.id = read_id(select_events_);
      event.reference = select_events_.text();
    }
    page.events.push_back(std::move(event));
  }
  return page;
}

void Tables::each_live(const std::function<void(const SessionRecord&)>& visit) {
  const Using use(live_);
  while (live_.step())
    visit(read_row(live_).record);
}

std::array<std::uint64_t, kAllStates.size()> Tables::count_states() {
  std::array<std::uint64_t, kAllStates.size()> counts{};
  Statement count(connection_, "SELECT state, count(*) FROM sessions GROUP BY state");
  while (count.step()) {
    const State state = read_enum(count, State::failed);
    counts[static_cast<std::size_t>(state)] = static_cast<std::uint64_t>(count.integer());
  }
  return counts;
}

std::optional<std::pair<SessionId, Wall>> Tables::oldest_live() {
  const Using use(oldest_live_);
  if (!oldest_live_.step()) return std::nullopt;
  const SessionId id = read_id(oldest_live_);
  return std::pair{id, oldest_live_.wall()};
}

std::uint64_t Tables::last_event_seq() {
  const Using use(last_event_seq_);
  return last_event_seq_.step() ? static_cast<std::uint64_t>(last_event_seq_.integer()) : 0;
}

}  // namespace bankconnect::store
