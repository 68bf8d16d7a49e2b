#include "src/store/inbox.hpp"

#include <algorithm>

#include "src/store/columns.hpp"

namespace bankconnect::store {
namespace {

constexpr std::int64_t kKept = static_cast<std::int64_t>(HintResult::kept);

}  // namespace

// `+result` keeps SQLite from looking through everything with that result for one session's webhooks.
Inbox::Inbox(Connection& c)
    : connection_(c),
      count_again_(c,
                   "UPDATE webhooks SET count = count + 1, last_received_at = ?, kept_since = ?, result = ?, "
                   "arrival = (SELECT max(arrival) + 1 FROM webhooks) WHERE id = ? AND sha256 = ?"),
      insert_(c,
              "INSERT INTO webhooks (arrival, id, sha256, event_name, result, received_at, last_received_at, "
              "kept_since, count, bytes, kept) "
              "SELECT coalesce(max(arrival), 0) + 1, ?,?,?,?,?,?,?,1,?,? FROM webhooks"),
      insert_body_(c, "INSERT INTO webhook_bodies (number, body) VALUES (?,?)"),
      of_session_(c, "SELECT count(*), coalesce(sum(kept), 0) FROM webhooks WHERE id = ?"),
      oldest_of_session_(c,
                         "SELECT number, result, kept FROM webhooks WHERE id = ? ORDER BY arrival LIMIT 1"),
      kept_of_session_(c,
                       "SELECT count(*), coalesce(sum(kept), 0), min(received_at) FROM webhooks "
                       "WHERE id = ? AND +result = ?"),
      hand_over_(c, "UPDATE webhooks SET result = ? WHERE id = ? AND +result = ?"),
      erase_bodies_(c,
                    "DELETE FROM webhook_bodies WHERE number IN (SELECT number FROM webhooks WHERE id = ?)"),
      erase_(c, "DELETE FROM webhooks WHERE id = ?"),
      count_unknown_(c, "SELECT count(*), coalesce(sum(kept), 0) FROM webhooks WHERE result = ?"),
      oldest_unknown_(c,
                      "SELECT number, result, kept FROM webhooks WHERE result = ? ORDER BY arrival LIMIT 1"),
      oldest_unknown_before_(c,
                             "SELECT number, result, kept FROM webhooks WHERE result = ? AND kept_since < ? "
                             "ORDER BY arrival LIMIT 1"),
      delete_body_(c, "DELETE FROM webhook_bodies WHERE number = ?"),
      delete_(c, "DELETE FROM webhooks WHERE number = ?"),
      last_received_at_(c, "SELECT last_received_at FROM webhooks ORDER BY arrival DESC LIMIT 1"),
      keep_registration_(c,
                         "INSERT OR REPLACE INTO registration (one, webhook_url, webhook_mode, at, "
                         "http_status, code, message) "
                         "VALUES (1,?,?,?,?,?,?)"),
      registration_(c, "SELECT webhook_url, webhook_mode, at, http_status, code, message FROM registration") {
}

bool Inbox::take(const Hint& hint, HintResult result) {
  count_again_.bind(hint.received_at).bind(hint.kept_since).bind(value(result));
  bind_id(count_again_, hint.id).bind_blob(hint.sha256.data(), hint.sha256.size()).run();
  if (connection_.changes() > 0) return true;
  const std::int64_t held = make_room_for(hint.id);
  const auto size = static_cast<std::int64_t>(hint.body.size());
  const std::int64_t kept = held + size <= kBodyBytesPerSession ? size : 0;
  bind_id(insert_, hint.id).bind_blob(hint.sha256.data(), hint.sha256.size()).bind(hint.event_name);
  insert_.bind(value(result)).bind(hint.received_at).bind(hint.received_at).bind(hint.kept_since);
  insert_.bind(size).bind(kept).run();
  if (kept > 0) {
    insert_body_.bind(connection_.last_rowid()).bind_blob(hint.body.data(), hint.body.size()).run();
  }
  if (result == HintResult::kept) {
    // What is not counted yet will be counted with it.
    if (unknown_) {
      ++unknown_->webhooks;
      unknown_->bytes += kept;
    }
    make_room_for_unknown();
  }
  return false;
}

/// Removes the webhook that `oldest` selects, its parameters bound. The bytes it kept; nothing when there is
/// none.
std::optional<std::int64_t> Inbox::drop(Statement& oldest) {
  std::int64_t number = 0;
  std::int64_t bytes = 0;
  bool was_unknown = false;
  {
    const Using use(oldest);
    if (!oldest.step()) return std::nullopt;
    number = oldest.integer();
    was_unknown = oldest.integer() == kKept;
    bytes = oldest.integer();
  }
  delete_body_.bind(number).run();
  delete_.bind(number).run();
  if (was_unknown && unknown_) {
    --unknown_->webhooks;
    unknown_->bytes -= bytes;
  }
  return bytes;
}

/// Makes place for one more webhook of the session; returns the bytes of bodies it keeps.
std::int64_t Inbox::make_room_for(const SessionId& id) {
  std::int64_t count = 0;
  std::int64_t held = 0;
  {
    const Using use(of_session_);
    bind_id(of_session_, id).step();
    count = of_session_.integer();
    held = of_session_.integer();
  }
  for (; count >= kWebhooksPerSession; --count) {
    bind_id(oldest_of_session_, id);
    held -= drop(oldest_of_session_).value_or(0);
  }
  return held;
}

Inbox::Unknown& Inbox::unknown() {
  if (!unknown_) {
    const Using use(count_unknown_);
    count_unknown_.bind(kKept).step();
    Unknown counted;
    counted.webhooks = count_unknown_.integer();
    counted.bytes = count_unknown_.integer();
    unknown_ = counted;
  }
  return *unknown_;
}

void Inbox::make_room_for_unknown() {
  while (unknown().webhooks > kUnknownWebhooks || unknown().bytes > kUnknownBodyBytes) {
    oldest_unknown_.bind(kKept);
    if (!drop(oldest_unknown_)) return;
  }
}

Wall Inbox::take_over(const SessionId& id) {
  Unknown its;
  Wall first = kNoWall;
  {
    const Using use(kept_of_session_);
    bind_id(kept_of_session_, id).bind(kKept).step();
    its.webhooks = kept_of_session_.integer();
    its.bytes = kept_of_session_.integer();
    first = kept_of_session_.wall();
  }
  if (its.webhooks == 0) return kNoWall;
  hand_over_.bind(value(HintResult::accepted));
  bind_id(hand_over_, id).bind(kKept).run();
  if (unknown_) {
    unknown_->webhooks -= its.webhooks;
    unknown_->bytes -= its.bytes;
  }
  return first;
}

void Inbox::erase(const SessionId& id) {
  bind_id(erase_bodies_, id).run();
  bind_id(erase_, id).run();
  // Some of them may have been kept for nobody.
  if (connection_.changes() > 0) unknown_.reset();
}

bool Inbox::drop_unknown(Reckoned before, int most) {
  for (int dropped = 0; dropped < most; ++dropped) {
    oldest_unknown_before_.bind(kKept).bind(before);
    if (!drop(oldest_unknown_before_)) return false;
  }
  return true;
}

HintPage Inbox::hints(const HintQuery& query) {
  std::string sql =
      "SELECT arrival, id, event_name, result, received_at, last_received_at, count, bytes, sha256 FROM "
      "webhooks "
      "WHERE arrival < ?";
  if (query.id) sql += " AND id = ?";
  if (query.result) sql += " AND result = ?";
  sql += " ORDER BY arrival DESC LIMIT ?";
  Statement select(connection_, sql);
  select.bind(query.before == 0 ? INT64_MAX : as_rowid(query.before));
  if (query.id) bind_id(select, *query.id);
  if (query.result) select.bind(value(*query.result));
  select.bind(static_cast<std::int64_t>(query.limit) + 1);
  HintPage page;
  while (select.step()) {
    if (page.hints.size() == query.limit) {
      page.next = page.hints.back().number;
      break;
    }
    HintRecord record;
    record.number = static_cast<std::uint64_t>(select.integer());
    record.id = read_id(select);
    record.event_name = select.text();
    record.result = read_enum(select, HintResult::kept);
    record.received_at = select.wall();
    record.last_received_at = select.wall();
    record.count = static_cast<std::uint64_t>(select.integer());
    record.bytes = static_cast<std::uint64_t>(select.integer());
    const std::string_view digest = select.blob();
    if (digest.size() == record.sha256.size())
      std::memcpy(record.sha256.data(), digest.data(), digest.size());
    page.hints.push_back(std::move(record));
  }
  return page;
}

Wall Inbox::last_received_at() {
  const Using use(last_received_at_);
  return last_received_at_.step() ? last_received_at_.wall() : kNoWall;
}

void Inbox::keep(const Registration& registration) {
  keep_registration_.bind(registration.webhook_url).bind(registration.webhook_mode).bind(registration.at);
  keep_registration_.bind(registration.http_status).bind(registration.code).bind(registration.message).run();
}

std::optional<Registration> Inbox::registration() {
  const Using use(registration_);
  if (!registration_.step()) return std::nullopt;
  Registration registration;
  registration.webhook_url = registration_.text();
  registration.webhook_mode = registration_.text();
  registration.at = registration_.wall();
  registration.http_status = static_cast<int>(registration_.integer());
  registration.code = registration_.text();
  registration.message = registration_.text();
  return registration;
}

}  // namespace bankconnect::store
