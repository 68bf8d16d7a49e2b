// The statements, and those that write.
#include "src/store_sqlite/tables.hpp"

#include "src/store_sqlite/columns.hpp"
#include "src/store_sqlite/row_checksum.hpp"
#include "src/store_sqlite/schema.hpp"

namespace bankconnect::store_sqlite {
namespace {

std::string insert_session_sql() {
  return "INSERT INTO sessions (id, reference, " + durable_column_list() +
         ", checksum, reference_checksum) VALUES (?,?," + placeholders(kDurableColumnCount + 2) +
         ") ON CONFLICT (id) DO NOTHING";
}

std::string update_session_sql() {
  return "UPDATE sessions SET (" + durable_column_list() +
         ", error_code, error_message, error_at, checksum) = (" + placeholders(kDurableColumnCount + 4) +
         ") WHERE sid = ?";
}

std::string update_text_sql(const std::string& column) {
  return "UPDATE sessions SET (" + column + ", " + column + "_checksum) = (?,?) WHERE sid = ?";
}

}  // namespace

Tables::Tables(Connection& c)
    : connection_(c),
      insert_session_(c, insert_session_sql()),
      fill_reference_(
          c, "UPDATE sessions SET reference = ?, reference_checksum = ? WHERE id = ? AND reference IS NULL"),
      find_reference_(c, "SELECT reference FROM sessions WHERE id = ?"),
      find_sid_(c, "SELECT sid, state FROM sessions WHERE id = ?"),
      find_submission_(c, "SELECT sid, reference FROM sessions WHERE id = ? AND submitted_at IS ?"),
      find_final_(c, "SELECT final, reason FROM sessions WHERE id = ?"),
      update_session_(c, update_session_sql()),
      set_hinted_(c, "UPDATE sessions SET hinted_at = ?, checksum = ? WHERE sid = ?"),
      update_uploaded_accounts_(c, update_text_sql("uploaded_accounts")),
      update_processed_accounts_(c, update_text_sql("processed_accounts")),
      update_statement_progress_(c, update_text_sql("statement_progress")),
      update_evidence_(c,
                       "UPDATE sessions SET (evidence_call, evidence_at, evidence_field, evidence_value, "
                       "evidence_statement, evidence_checksum) = (?,?,?,?,?,?) WHERE sid = ?"),
      insert_event_(
          c,
          "INSERT INTO events (sid, at, from_state, to_state, cause, event, final, outcome, reason, "
          "reason_code) VALUES (?,?,?,?,?,?,?,?,?,?)"),
      replace_payload_(
          c,
          "INSERT INTO payloads (sid, kind, bytes, sha256, fetched_at, zstd) VALUES (?,?,?,?,?,?) "
          "ON CONFLICT (sid, kind) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256, "
          "fetched_at = excluded.fetched_at, zstd = excluded.zstd"),
      select_session_(c, select_session_sql() + "WHERE id = ?"),
      select_payload_infos_(
          c, "SELECT kind, bytes, sha256, fetched_at FROM payloads WHERE sid = ? ORDER BY kind"),
      select_payload_(
          c,
          "SELECT p.bytes, p.sha256, p.fetched_at, p.zstd FROM payloads p JOIN sessions s USING (sid) "
          "WHERE s.id = ? AND p.kind = ?"),
      select_history_(
          c, "SELECT " + kEventColumns + " FROM events e WHERE e.sid = ? ORDER BY e.seq DESC LIMIT ?"),
      select_events_(c,
                     "SELECT " + kEventColumns +
                         ", s.id, s.reference FROM events e LEFT JOIN sessions s USING (sid) WHERE e.seq > ? "
                         "ORDER BY e.seq LIMIT ?"),
      select_session_events_(c, "SELECT " + kEventColumns +
                                    ", s.id, s.reference FROM sessions s JOIN events e USING (sid) WHERE "
                                    "s.id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?"),
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
          c,
          "SELECT sid, id, state FROM sessions WHERE final = 1 AND final_at < ? ORDER BY final_at LIMIT ?"),
      drop_events_(c,
                   "DELETE FROM events WHERE seq < coalesce((SELECT seq FROM events WHERE (sid IS NOT NULL "
                   "OR at >= ?1) "
                   "AND seq < (SELECT min(seq) FROM events) + ?2 ORDER BY seq LIMIT 1), "
                   "(SELECT min(seq) FROM events) + ?2)"),
      live_(c, select_session_sql() + "WHERE final = 0 OR after_end <> 0 ORDER BY submitted_at"),
      oldest_live_(c, "SELECT id, submitted_at FROM sessions WHERE final = 0 ORDER BY submitted_at LIMIT 1"),
      last_event_seq_(c, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)"),
      log_id_(c, "SELECT log_id FROM event_log"),
      log_position_(c, "SELECT log_id, previous, commands FROM event_log"),
      count_command_(c, "UPDATE event_log SET commands = commands + 1"),
      clock_(c, "SELECT reckoned, wall, boot FROM reckoning"),
      save_clock_(c, "INSERT OR REPLACE INTO reckoning (one, reckoned, wall, boot) VALUES (1,?,?,?)"),
      inbox_(c),
      registrations_(c),
      reports_(c) {}

Submitted Tables::submit(const NewSession& session) {
  Submitted outcome;
  {
    const ResetOnExit reset(insert_session_);
    bind_id(insert_session_, session.id);
    if (session.reference.empty()) {
      insert_session_.bind_null();
    } else {
      insert_session_.bind(session.reference);
    }
    bind_durable(insert_session_, session.durable);
    insert_session_.bind(row_checksum(session.id, session.durable, std::nullopt))
        .bind(row_checksum(session.reference));
    insert_session_.step();
    outcome.accepted = connection_.changes() > 0;
  }
  if (!outcome.accepted) {
    if (!session.reference.empty()) fill_reference(session, outcome);
    if (session.return_known || outcome.reference_filled) outcome.record = this->session(session.id);
    return outcome;
  }
  const std::int64_t sid = connection_.last_rowid();
  SessionRecord& record = outcome.record.emplace();
  record.id = session.id;
  record.reference = session.reference;
  record.durable = session.durable;
  outcome.hinted_at = inbox_.adopt(session.id);
  if (outcome.hinted_at != kNoWall) {
    record.durable.hinted_at = outcome.hinted_at;
    const std::int64_t checksum = row_checksum(record.id, record.durable, std::nullopt);
    set_hinted_.bind(outcome.hinted_at).bind(checksum).bind(sid).run();
  }
  record.history.push_back(append(sid, session.id, session.reference, session.transition, ""));
  return outcome;
}

void Tables::fill_reference(const NewSession& session, Submitted& outcome) {
  {
    const ResetOnExit reset(fill_reference_);
    bind_id(fill_reference_.bind(session.reference).bind(row_checksum(session.reference)), session.id);
    fill_reference_.step();
    outcome.reference_filled = connection_.changes() > 0;
  }
  if (outcome.reference_filled) return;
  const ResetOnExit reset(find_reference_);
  bind_id(find_reference_, session.id);
  if (!find_reference_.step()) return;
  const std::string stored = find_reference_.text();
  if (stored != session.reference) outcome.kept_reference = stored;
}

Written Tables::write(const SessionWrite& write) {
  Written written;
  Updated updated = update(write);
  if (!updated.found) return written;
  written.event = std::move(updated.event);
  written.record = session(write.id);
  return written;
}

Tables::Updated Tables::update(const SessionWrite& write) {
  Updated updated;
  std::int64_t sid = 0;
  std::string reference;
  {
    const ResetOnExit reset(find_submission_);
    bind_id(find_submission_, write.id).bind(write.durable.submitted_at);
    if (!find_submission_.step()) return updated;
    sid = find_submission_.integer();
    reference = find_submission_.text();
  }
  updated.found = true;
  bind_durable(update_session_, write.durable);
  if (write.last_error) {
    update_session_.bind(write.last_error->code).bind(write.last_error->message).bind(write.last_error->at);
  } else {
    update_session_.bind_null().bind_null().bind_null();
  }
  update_session_.bind(row_checksum(write.id, write.durable, write.last_error));
  update_session_.bind(sid).run();
  update_answers(sid, write);
  if (write.by_command) count_command_.run();
  if (write.transition)
    updated.event = append(sid, write.id, reference, *write.transition, write.reason_code);
  return updated;
}

/// What the answers said, where the write brings something new.
void Tables::update_answers(std::int64_t sid, const SessionWrite& write) {
  if (write.accounts) {
    Statement& update = write.accounts_from == Call::session_status ? update_processed_accounts_
                        : write.accounts_from == Call::progress     ? update_statement_progress_
                                                                    : update_uploaded_accounts_;
    update.bind(*write.accounts).bind(row_checksum(*write.accounts)).bind(sid).run();
  }
  if (write.evidence) {
    const Evidence& evidence = *write.evidence;
    if (evidence.call) {
      update_evidence_.bind(value(*evidence.call));
    } else {
      update_evidence_.bind_null();
    }
    update_evidence_.bind(evidence.at).bind(evidence.field).bind(evidence.value).bind(evidence.statement);
    update_evidence_.bind(row_checksum(evidence)).bind(sid).run();
  }
  if (write.session_status) save_payload(sid, Call::session_status, *write.session_status);
  if (write.insights) save_payload(sid, Call::insights, *write.insights);
  for (const ReportWrite& report : write.reports)
    reports_.save(sid, report);
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

void Tables::save_payload(std::int64_t sid, Call kind, const Payload& payload) {
  replace_payload_.bind(sid).bind(value(kind)).bind(static_cast<std::int64_t>(payload.bytes));
  replace_payload_.bind_blob(payload.sha256.data(), payload.sha256.size()).bind(payload.fetched_at);
  replace_payload_.bind_blob(payload.compressed.data(), payload.compressed.size()).run();
}

StoredWebhook Tables::store_webhook(const WebhookWrite& write) {
  StoredWebhook stored;
  {
    const ResetOnExit reset(find_final_);
    bind_id(find_final_, write.webhook.id);
    if (find_final_.step()) {
      stored.result = find_final_.integer() != 0 ? WebhookResult::recorded : WebhookResult::accepted;
      stored.failed_with = read_enum<Reason>(find_final_);
    } else {
      stored.result = write.keep_unknown ? WebhookResult::kept : WebhookResult::ignored;
    }
  }
  if (write.session) update(*write.session);
  if (stored.result != WebhookResult::ignored) stored.duplicate = inbox_.insert(write.webhook, stored.result);
  return stored;
}

LogPosition Tables::log_position() {
  const ResetOnExit reset(log_position_);
  LogPosition position;
  if (!log_position_.step()) return position;
  position.log_id = log_position_.text();
  position.previous = log_position_.text();
  position.commands = static_cast<std::uint64_t>(log_position_.integer());
  position.newest = last_event_seq();
  return position;
}

bool Tables::restored() {
  return connection_.integer("SELECT restored FROM event_log") != 0;
}

void Tables::mark_restored() {
  begin_restored_log(connection_);
}

void Tables::resume() {
  connection_.execute("UPDATE event_log SET restored = 0");
}

void Tables::write_nothing_new() {
  connection_.execute("UPDATE event_log SET commands = commands");
}

std::optional<ClockSnapshot> Tables::clock_snapshot() {
  const ResetOnExit reset(clock_);
  if (!clock_.step()) return std::nullopt;
  ClockSnapshot snapshot;
  snapshot.elapsed = clock_.elapsed();
  snapshot.wall = clock_.wall();
  snapshot.boot = Duration(clock_.integer());
  return snapshot;
}

void Tables::save_clock(const ClockSnapshot& snapshot) {
  save_clock_.bind(snapshot.elapsed).bind(snapshot.wall).bind(snapshot.boot.count()).run();
}

}  // namespace bankconnect::store_sqlite
