// The statements, and those that write.
#include "src/store/tables.hpp"

#include "src/store/columns.hpp"

namespace bankconnect::store {
namespace {

constexpr const char* kInsertSession =
    "INSERT INTO sessions (id, reference, " KEPT_COLUMNS
    ") VALUES (?,?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING";
constexpr const char* kUpdateSession =
    "UPDATE sessions SET (" KEPT_COLUMNS
    ", error_code, error_message, error_at) = "
    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?, ?,?,?) WHERE sid = ?";

}  // namespace

Tables::Tables(Connection& c)
    : connection_(c),
      insert_session_(c, kInsertSession),
      find_sid_(c, "SELECT sid, state, reference FROM sessions WHERE id = ?"),
      find_final_(c, "SELECT final FROM sessions WHERE id = ?"),
      update_session_(c, kUpdateSession),
      set_hinted_(c, "UPDATE sessions SET hinted_at = ? WHERE sid = ?"),
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
          c,
          "SELECT sid, id, state FROM sessions WHERE final = 1 AND final_at < ? ORDER BY final_at LIMIT ?"),
      drop_events_(c,
                   "DELETE FROM events WHERE seq < coalesce((SELECT seq FROM events WHERE (sid IS NOT NULL "
                   "OR at >= ?1) "
                   "AND seq < (SELECT min(seq) FROM events) + ?2 ORDER BY seq LIMIT 1), "
                   "(SELECT min(seq) FROM events) + ?2)"),
      live_(c, SELECT_SESSION "WHERE final = 0 ORDER BY submitted_at"),
      oldest_live_(c, "SELECT id, submitted_at FROM sessions WHERE final = 0 ORDER BY submitted_at LIMIT 1"),
      last_event_seq_(c, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)"),
      reckoning_(c, "SELECT reckoned, wall, boot FROM reckoning"),
      keep_reckoning_(c, "INSERT OR REPLACE INTO reckoning (one, reckoned, wall, boot) VALUES (1,?,?,?)"),
      inbox_(c) {}

void Tables::bind_kept(Statement& s, const Kept& kept) {
  s.bind(value(kept.state)).bind(kept.final).bind(value(kept.failed_from)).bind(value(kept.upload_status));
  s.bind(value(kept.outcome)).bind(value(kept.reason)).bind(value(kept.why)).bind(kept.hold);
  s.bind(kept.process_wanted).bind(kept.stalled).bind(kept.requested_elsewhere).bind(kept.anomalies);
  s.bind(kept.reinitiates).bind(kept.accounts).bind(kept.statements).bind(kept.fingerprint);
  s.bind(kept.submitted_at).bind(kept.followed_from).bind(kept.since);
  s.bind(kept.state_since).bind(kept.expires_at);
  s.bind(kept.requested_at).bind(kept.accepted_at).bind(kept.not_found_since);
  s.bind(kept.final_at).bind(kept.hinted_at);
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
  const Wall hinted_at = inbox_.take_over(session.id);
  if (hinted_at != kNoWall) set_hinted_.bind(hinted_at).bind(sid).run();
  return {true, append(sid, session.id, session.reference, session.transition, ""), hinted_at};
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

HintTaken Tables::take_hint(const HintWrite& write) {
  HintTaken taken;
  {
    const Using use(find_final_);
    bind_id(find_final_, write.hint.id);
    if (find_final_.step()) {
      taken.result = find_final_.integer() != 0 ? HintResult::recorded : HintResult::accepted;
    } else {
      taken.result = write.keep_unknown ? HintResult::kept : HintResult::ignored;
    }
  }
  if (write.session) static_cast<void>(this->write(*write.session));
  if (taken.result != HintResult::ignored) taken.duplicate = inbox_.take(write.hint, taken.result);
  return taken;
}

std::optional<State> Tables::erase(const SessionId& id) {
  inbox_.erase(id);  // also when nobody submitted the session
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

std::optional<Reckoning> Tables::reckoning() {
  const Using use(reckoning_);
  if (!reckoning_.step()) return std::nullopt;
  Reckoning kept;
  kept.reckoned = reckoning_.reckoned();
  kept.wall = reckoning_.wall();
  kept.boot = Duration(reckoning_.integer());
  return kept;
}

void Tables::keep(const Reckoning& reckoning) {
  keep_reckoning_.bind(reckoning.reckoned).bind(reckoning.wall).bind(reckoning.boot.count()).run();
}

Swept Tables::sweep(Reckoned before, Wall events_before, std::uint32_t limit) {
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
  for (const auto& [id, state] : swept.erased)
    inbox_.erase(id);
  drop_events_.bind(events_before).bind(limit * 16).run();
  swept.events_dropped = static_cast<std::uint64_t>(connection_.changes());
  swept.more = sids.size() == limit || swept.events_dropped == limit * 16;
  return swept;
}

}  // namespace bankconnect::store
