#include "src/store/tables.hpp"

#include <algorithm>
#include <cstring>

namespace bankconnect::store {
namespace {

// The columns of a session, in the order bind_kept and read_row use.
#define KEPT_COLUMNS                                                                                         \
  "state, final, failed_from, upload_status, outcome, reason, why, hold, process_wanted, stalled, "          \
  "requested_elsewhere, anomalies, reinitiates, account_count, statement_count, fingerprint, submitted_at, " \
  "followed_from, since, expires_at, requested_at, accepted_at, not_found_since, final_at"
constexpr const char* kInsertSession =
    "INSERT INTO sessions (id, reference, " KEPT_COLUMNS
    ") VALUES (?,?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING";
constexpr const char* kUpdateSession = "UPDATE sessions SET (" KEPT_COLUMNS
                                       ", error_code, error_message, error_at) = "
                                       "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?, ?,?,?) WHERE sid = ?";
#define SELECT_SESSION                                                                               \
  "SELECT sid, id, reference, " KEPT_COLUMNS ", error_code, error_message, error_at, accounts FROM " \
                                             "sessions "
#define EVENT_COLUMNS                                                                                      \
  "e.seq, e.sid IS NULL, e.at, e.from_state, e.to_state, e.cause, e.event, e.final, e.outcome, e.reason, " \
  "e.reason_code"

Statement& bind_id(Statement& statement, const SessionId& id) {
  return statement.bind_blob(id.bytes.data(), id.bytes.size());
}

SessionId read_id(Statement& statement) {
  SessionId id;
  const std::string_view blob = statement.blob();
  if (blob.size() == id.bytes.size()) std::memcpy(id.bytes.data(), blob.data(), blob.size());
  return id;
}

template <class E>
std::int64_t value(E e) {
  return static_cast<std::int64_t>(e);
}

/// An enumeration as stored. A value this program does not know means that the file is damaged.
template <class E>
E read_enum(Statement& statement, E last) {
  const std::int64_t stored = statement.integer();
  if (stored < 0 || stored > value(last)) {
    throw SqliteError(SQLITE_CORRUPT, "a stored value is out of its range (" + std::to_string(stored) + ")");
  }
  return static_cast<E>(stored);
}

/// A position a client names may be larger than any row's.
std::int64_t as_rowid(std::uint64_t position) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(position, INT64_MAX));
}

template <class N>
N read_number(Statement& statement) {
  return static_cast<N>(statement.integer());
}

}  // namespace

Tables::Tables(Connection& c)
    : connection_(c),
      insert_session_(c, kInsertSession),
      find_sid_(c, "SELECT sid, state, reference FROM sessions WHERE id = ?"),
      update_session_(c, kUpdateSession),
      update_accounts_(c, "UPDATE sessions SET accounts = ? WHERE sid = ?"),
      insert_event_(
          c,
          "INSERT INTO events (sid, at, from_state, to_state, cause, event, final, outcome, reason, "
          "reason_code) VALUES (?,?,?,?,?,?,?,?,?,?)"),
      replace_payload_(
          c,
          "INSERT INTO payloads (sid, kind, bytes, sha256, fetched_at, zstd) VALUES (?,?,?,?,?,?) "
          "ON CONFLICT (sid, kind) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256, "
          "fetched_at = excluded.fetched_at, zstd = excluded.zstd"),
      select_session_(c, SELECT_SESSION "WHERE id = ?"),
      select_payload_infos_(
          c, "SELECT kind, bytes, sha256, fetched_at FROM payloads WHERE sid = ? ORDER BY kind"),
      select_payload_(
          c,
          "SELECT p.bytes, p.sha256, p.fetched_at, p.zstd FROM payloads p JOIN sessions s USING (sid) "
          "WHERE s.id = ? AND p.kind = ?"),
      select_history_(c, "SELECT " EVENT_COLUMNS " FROM events e WHERE e.sid = ? ORDER BY e.seq"),
      select_events_(c, "SELECT " EVENT_COLUMNS
                        ", s.id, s.reference FROM events e LEFT JOIN sessions s USING (sid) WHERE e.seq > ? "
                        "ORDER BY e.seq LIMIT ?"),
      oldest_event_(c,
                    "SELECT coalesce((SELECT min(seq) FROM events), "
                    "(SELECT seq + 1 FROM sqlite_sequence WHERE name = 'events'), 1)"),
      delete_payloads_(c, "DELETE FROM payloads WHERE sid = ?"),
      blank_events_(
          c,
          "UPDATE events SET sid = NULL, from_state = NULL, to_state = NULL, cause = NULL, "
          "event = NULL, final = NULL, outcome = NULL, reason = NULL, reason_code = NULL WHERE sid = ?"),
      delete_session_(c, "DELETE FROM sessions WHERE sid = ?"),
      final_before_(
          c, "SELECT sid, id, state FROM sessions WHERE final = 1 AND final_at < ? ORDER BY final_at LIMIT ?"),
      drop_events_(c,
                   "DELETE FROM events WHERE seq < coalesce((SELECT seq FROM events WHERE (sid IS NOT NULL "
                   "OR at >= ?1) "
                   "AND seq < (SELECT min(seq) FROM events) + ?2 ORDER BY seq LIMIT 1), "
                   "(SELECT min(seq) FROM events) + ?2)"),
      live_(c, SELECT_SESSION "WHERE final = 0 ORDER BY submitted_at"),
      oldest_live_(c, "SELECT id, submitted_at FROM sessions WHERE final = 0 ORDER BY submitted_at LIMIT 1"),
      last_event_seq_(c, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)") {}

void Tables::bind_kept(Statement& s, const Kept& kept) {
  s.bind(value(kept.state)).bind(kept.final).bind(value(kept.failed_from)).bind(value(kept.upload_status));
  s.bind(value(kept.outcome)).bind(value(kept.reason)).bind(value(kept.why)).bind(kept.hold);
  s.bind(kept.process_wanted).bind(kept.stalled).bind(kept.requested_elsewhere).bind(kept.anomalies);
  s.bind(kept.reinitiates).bind(kept.accounts).bind(kept.statements).bind(kept.fingerprint);
  s.bind(kept.submitted_at).bind(kept.followed_from).bind(kept.since).bind(kept.expires_at);
  s.bind(kept.requested_at).bind(kept.accepted_at).bind(kept.not_found_since);
  s.bind(kept.final_at);
}

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
  kept.followed_from = s.wall();
  kept.since = s.wall();
  kept.expires_at = s.wall();
  kept.requested_at = s.wall();
  kept.accepted_at = s.wall();
  kept.not_found_since = s.wall();
  kept.final_at = s.wall();
  LastError error{s.text(), s.text(), s.wall()};
  if (!error.code.empty()) row.record.last_error = std::move(error);
  row.record.accounts = s.text();
  return row;
}

Submitted Tables::submit(const NewSession& session) {
  {
    const Using use(insert_session_);
    bind_id(insert_session_, session.id);
    if (session.reference.empty()) {
      insert_session_.bind_null();
    } else {
      insert_session_.bind(session.reference);
    }
    bind_kept(insert_session_, session.kept);
    insert_session_.step();
    if (connection_.changes() == 0) return {};
  }
  const std::int64_t sid = connection_.last_rowid();
  return {true, append(sid, session.id, session.reference, session.transition, "")};
}

std::optional<EventRecord> Tables::write(const SessionWrite& write) {
  std::int64_t sid = 0;
  std::string reference;
  {
    const Using use(find_sid_);
    bind_id(find_sid_, write.id);
    if (!find_sid_.step()) return std::nullopt;
    sid = find_sid_.integer();
    find_sid_.skip();
    reference = find_sid_.text();
  }
  bind_kept(update_session_, write.kept);
  if (write.last_error) {
    update_session_.bind(write.last_error->code).bind(write.last_error->message).bind(write.last_error->at);
  } else {
    update_session_.bind_null().bind_null().bind_null();
  }
  update_session_.bind(sid).run();
  if (write.accounts) update_accounts_.bind(*write.accounts).bind(sid).run();
  if (write.payload) keep(sid, write.payload_kind, *write.payload);
  if (!write.transition) return std::nullopt;
  return append(sid, write.id, reference, *write.transition, write.reason_code);
}

EventRecord Tables::append(std::int64_t sid, const SessionId& id, const std::string& reference,
                           const Transition& t, const std::string& reason_code) {
  insert_event_.bind(sid).bind(t.at);
  if (t.from) {
    insert_event_.bind(value(*t.from));
  } else {
    insert_event_.bind_null();
  }
  insert_event_.bind(value(t.to)).bind(value(t.cause)).bind(value(t.trigger)).bind(t.final);
  insert_event_.bind(value(t.outcome)).bind(value(t.reason));
  if (reason_code.empty()) {
    insert_event_.bind_null();
  } else {
    insert_event_.bind(reason_code);
  }
  insert_event_.run();
  return {static_cast<std::uint64_t>(connection_.last_rowid()), false, id, reference, t, reason_code};
}

void Tables::keep(std::int64_t sid, Call kind, const Payload& payload) {
  replace_payload_.bind(sid).bind(value(kind)).bind(static_cast<std::int64_t>(payload.bytes));
  replace_payload_.bind_blob(payload.sha256.data(), payload.sha256.size()).bind(payload.fetched_at);
  replace_payload_.bind_blob(payload.compressed.data(), payload.compressed.size()).run();
}

std::optional<State> Tables::erase(const SessionId& id) {
  std::int64_t sid = 0;
  State state = State::no_uploads;
  {
    const Using use(find_sid_);
    bind_id(find_sid_, id);
    if (!find_sid_.step()) return std::nullopt;
    sid = find_sid_.integer();
    state = read_enum(find_sid_, State::failed);
  }
  erase_row(sid);
  return state;
}

void Tables::erase_row(std::int64_t sid) {
  delete_payloads_.bind(sid).run();
  blank_events_.bind(sid).run();
  delete_session_.bind(sid).run();
}

namespace {
Sha256 read_digest(Statement& s) {
  Sha256 digest{};
  const std::string_view blob = s.blob();
  if (blob.size() == digest.size()) std::memcpy(digest.data(), blob.data(), blob.size());
  return digest;
}
}  // namespace

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

Swept Tables::sweep(Wall before, std::uint32_t limit) {
  Swept swept;
  std::vector<std::int64_t> sids;
  {
    const Using use(final_before_);
    final_before_.bind(before).bind(limit);
    while (final_before_.step()) {
      sids.push_back(final_before_.integer());
      const SessionId id = read_id(final_before_);
      swept.erased.emplace_back(id, read_enum(final_before_, State::failed));
    }
  }
  for (const std::int64_t sid : sids)
    erase_row(sid);
  drop_events_.bind(before).bind(limit * 16).run();
  swept.events_dropped = static_cast<std::uint64_t>(connection_.changes());
  swept.more = sids.size() == limit || swept.events_dropped == limit * 16;
  return swept;
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
