#include "src/store_sqlite/inbox.hpp"

#include <algorithm>

#include "src/store_sqlite/columns.hpp"

namespace bankconnect::store_sqlite {
namespace {

constexpr std::int64_t kKept = static_cast<std::int64_t>(WebhookResult::kept);

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
      adopt_(c, "UPDATE webhooks SET result = ? WHERE id = ? AND +result = ?"),
      erase_bodies_(c,
                    "DELETE FROM webhook_bodies WHERE number IN (SELECT number FROM webhooks WHERE id = ?)"),
      erase_(c, "DELETE FROM webhooks WHERE id = ?"),
      count_unclaimed_(c, "SELECT count(*), coalesce(sum(kept), 0) FROM webhooks WHERE result = ?"),
      oldest_unclaimed_(
          c, "SELECT number, result, kept FROM webhooks WHERE result = ? ORDER BY arrival LIMIT 1"),
      oldest_unclaimed_before_(
          c,
          "SELECT number, result, kept FROM webhooks WHERE result = ? AND kept_since < ? "
          "ORDER BY arrival LIMIT 1"),
      delete_body_(c, "DELETE FROM webhook_bodies WHERE number = ?"),
      delete_(c, "DELETE FROM webhooks WHERE number = ?"),
      last_received_at_(c, "SELECT last_received_at FROM webhooks ORDER BY arrival DESC LIMIT 1") {}

bool Inbox::insert(const Webhook& webhook, WebhookResult result) {
  count_again_.bind(webhook.received_at).bind(webhook.stored_since).bind(value(result));
  bind_id(count_again_, webhook.id).bind_blob(webhook.sha256.data(), webhook.sha256.size()).run();
  if (connection_.changes() > 0) return true;
  const std::int64_t held = evict_for(webhook.id);
  const auto size = static_cast<std::int64_t>(webhook.body.size());
  const std::int64_t kept = held + size <= kBodyBytesPerSession ? size : 0;
  bind_id(insert_, webhook.id)
      .bind_blob(webhook.sha256.data(), webhook.sha256.size())
      .bind(webhook.event_name);
  insert_.bind(value(result)).bind(webhook.received_at).bind(webhook.received_at).bind(webhook.stored_since);
  insert_.bind(size).bind(kept).run();
  if (kept > 0) {
    insert_body_.bind(connection_.last_rowid()).bind_blob(webhook.body.data(), webhook.body.size()).run();
  }
  if (result == WebhookResult::kept) {
    // Totals that are not counted yet will include it.
    if (unclaimed_) {
      ++unclaimed_->webhooks;
      unclaimed_->bytes += kept;
    }
    evict_unclaimed();
  }
  return false;
}

/// Deletes the webhook that `oldest` selects, its parameters bound. Returns the bytes of its body; nothing
/// when no row was selected.
std::optional<std::int64_t> Inbox::remove(Statement& oldest) {
  std::int64_t number = 0;
  std::int64_t bytes = 0;
  bool was_unclaimed = false;
  {
    const ResetOnExit reset(oldest);
    if (!oldest.step()) return std::nullopt;
    number = oldest.integer();
    was_unclaimed = oldest.integer() == kKept;
    bytes = oldest.integer();
  }
  delete_body_.bind(number).run();
  delete_.bind(number).run();
  if (was_unclaimed && unclaimed_) {
    --unclaimed_->webhooks;
    unclaimed_->bytes -= bytes;
  }
  return bytes;
}

/// Evicts the oldest webhooks of the session until one more fits; returns the bytes of bodies left.
std::int64_t Inbox::evict_for(const SessionId& id) {
  std::int64_t count = 0;
  std::int64_t held = 0;
  {
    const ResetOnExit reset(of_session_);
    bind_id(of_session_, id).step();
    count = of_session_.integer();
    held = of_session_.integer();
  }
  for (; count >= kWebhooksPerSession; --count) {
    bind_id(oldest_of_session_, id);
    held -= remove(oldest_of_session_).value_or(0);
  }
  return held;
}

Inbox::Unclaimed& Inbox::unclaimed() {
  if (!unclaimed_) {
    const ResetOnExit reset(count_unclaimed_);
    count_unclaimed_.bind(kKept).step();
    Unclaimed counted;
    counted.webhooks = count_unclaimed_.integer();
    counted.bytes = count_unclaimed_.integer();
    unclaimed_ = counted;
  }
  return *unclaimed_;
}

void Inbox::evict_unclaimed() {
  while (unclaimed().webhooks > kUnclaimedWebhooks || unclaimed().bytes > kUnclaimedBodyBytes) {
    oldest_unclaimed_.bind(kKept);
    if (!remove(oldest_unclaimed_)) return;
  }
}

Wall Inbox::adopt(const SessionId& id) {
  Unclaimed its;
  Wall first = kNoWall;
  {
    const ResetOnExit reset(kept_of_session_);
    bind_id(kept_of_session_, id).bind(kKept).step();
    its.webhooks = kept_of_session_.integer();
    its.bytes = kept_of_session_.integer();
    first = kept_of_session_.wall();
  }
  if (its.webhooks == 0) return kNoWall;
  adopt_.bind(value(WebhookResult::accepted));
  bind_id(adopt_, id).bind(kKept).run();
  if (unclaimed_) {
    unclaimed_->webhooks -= its.webhooks;
    unclaimed_->bytes -= its.bytes;
  }
  return first;
}

void Inbox::erase(const SessionId& id) {
  bind_id(erase_bodies_, id).run();
  bind_id(erase_, id).run();
  // Some of them may have been unclaimed.
  if (connection_.changes() > 0) unclaimed_.reset();
}

bool Inbox::expire_unclaimed(Elapsed before, int most) {
  for (int dropped = 0; dropped < most; ++dropped) {
    oldest_unclaimed_before_.bind(kKept).bind(before);
    if (!remove(oldest_unclaimed_before_)) return false;
  }
  return true;
}

WebhookPage Inbox::webhooks(const WebhookQuery& query) {
  const std::uint32_t limit = std::clamp(query.limit, 1U, kMaxWebhooksPage);
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
  select.bind(static_cast<std::int64_t>(limit) + 1);
  WebhookPage page;
  while (select.step()) {
    if (page.webhooks.size() == limit) {
      page.next = page.webhooks.back().number;
      break;
    }
    WebhookRecord record;
    record.number = static_cast<std::uint64_t>(select.integer());
    record.id = read_id(select);
    record.event_name = select.text();
    record.result = read_enum<WebhookResult>(select);
    record.received_at = select.wall();
    record.last_received_at = select.wall();
    record.count = static_cast<std::uint64_t>(select.integer());
    record.bytes = static_cast<std::uint64_t>(select.integer());
    record.sha256 = read_digest(select);
    page.webhooks.push_back(std::move(record));
  }
  return page;
}

Wall Inbox::last_received_at() {
  const ResetOnExit reset(last_received_at_);
  return last_received_at_.step() ? last_received_at_.wall() : kNoWall;
}

}  // namespace bankconnect::store_sqlite
