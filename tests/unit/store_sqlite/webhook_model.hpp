// A reference model of the stored webhooks: the same rules, implemented without regard to speed.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "bankconnect/records.hpp"

namespace bankconnect::test {

class InboxModel {
 public:
  struct Row {
    SessionId id;
    Sha256 sha256{};
    WebhookResult result = WebhookResult::kept;
    Wall received_at = kNoWall;
    Wall last_received_at = kNoWall;
    std::uint64_t count = 1;
    std::int64_t bytes = 0;
    bool body_stored = true;
  };

  StoredWebhook store(const Webhook& webhook, bool keep_unknown) {
    StoredWebhook stored;
    if (const auto session = sessions_.find(webhook.id); session != sessions_.end()) {
      stored.result = session->second ? WebhookResult::recorded : WebhookResult::accepted;
    } else {
      stored.result = keep_unknown ? WebhookResult::kept : WebhookResult::ignored;
    }
    if (stored.result == WebhookResult::ignored) return stored;
    const auto before = std::ranges::find_if(
        rows, [&](const Row& row) { return row.id == webhook.id && row.sha256 == webhook.sha256; });
    stored.duplicate = before != rows.end();
    if (stored.duplicate) {
      Row row = *before;
      rows.erase(before);
      ++row.count;
      row.result = stored.result;
      row.last_received_at = webhook.received_at;
      rows.push_back(row);
      return stored;
    }
    add(webhook, stored.result);
    return stored;
  }
  /// Returns when the first webhook kept for the session came; kNoWall if there is none.
  Wall submit(const SessionId& id) {
    if (!sessions_.try_emplace(id, false).second) return kNoWall;
    Wall first = kNoWall;
    for (Row& row : rows) {
      if (row.id != id) continue;
      row.result = WebhookResult::accepted;
      if (first == kNoWall || row.received_at < first) first = row.received_at;
    }
    return first;
  }
  void finish(const SessionId& id) { sessions_.at(id) = true; }
  void erase(const SessionId& id) {
    sessions_.erase(id);
    std::erase_if(rows, [&](const Row& row) { return row.id == id; });
  }
  void expire_unclaimed(Wall now) {
    std::erase_if(rows, [&](const Row& row) {
      return row.result == WebhookResult::kept && row.last_received_at < now - std::chrono::days(7);
    });
  }
  bool knows(const SessionId& id) const { return sessions_.contains(id); }

  std::vector<Row> rows;  ///< oldest arrival first

 private:
  static constexpr std::int64_t kMiB = 1 << 20;

  void add(const Webhook& webhook, WebhookResult result) {
    const auto of_session = [&](const Row& row) { return row.id == webhook.id; };
    while (std::ranges::count_if(rows, of_session) >= 100)
      rows.erase(std::ranges::find_if(rows, of_session));
    std::int64_t held = 0;
    for (const Row& row : rows)
      held += of_session(row) && row.body_stored ? row.bytes : 0;
    const auto bytes = static_cast<std::int64_t>(webhook.body.size());
    rows.push_back({webhook.id, webhook.sha256, result, webhook.received_at, webhook.received_at, 1, bytes,
                    held + bytes <= kMiB});
    const auto unclaimed = [](const Row& row) { return row.result == WebhookResult::kept; };
    for (;;) {
      std::int64_t total = 0;
      for (const Row& row : rows)
        total += unclaimed(row) && row.body_stored ? row.bytes : 0;
      if (std::ranges::count_if(rows, unclaimed) <= 10'000 && total <= 16 * kMiB) return;
      rows.erase(std::ranges::find_if(rows, unclaimed));
    }
  }

  std::map<SessionId, bool> sessions_;  ///< true: final
};

}  // namespace bankconnect::test
