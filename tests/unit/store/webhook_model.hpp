// What the store promises about webhooks, as simply as it can be said.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "bankconnect/ports.hpp"

namespace bankconnect::test {

class InboxModel {
 public:
  struct Row {
    SessionId id;
    Sha256 sha256{};
    HintResult result = HintResult::kept;
    Wall received_at = kNoWall;
    Wall last_received_at = kNoWall;
    std::uint64_t count = 1;
    std::int64_t bytes = 0;
    bool body_kept = true;
  };

  HintTaken take(const Hint& hint, bool keep_unknown) {
    HintTaken taken;
    if (const auto session = sessions_.find(hint.id); session != sessions_.end()) {
      taken.result = session->second ? HintResult::recorded : HintResult::accepted;
    } else {
      taken.result = keep_unknown ? HintResult::kept : HintResult::ignored;
    }
    if (taken.result == HintResult::ignored) return taken;
    const auto before = std::ranges::find_if(
        rows, [&](const Row& row) { return row.id == hint.id && row.sha256 == hint.sha256; });
    taken.duplicate = before != rows.end();
    if (taken.duplicate) {
      Row row = *before;
      rows.erase(before);
      ++row.count;
      row.result = taken.result;
      row.last_received_at = hint.received_at;
      rows.push_back(row);
      return taken;
    }
    add(hint, taken.result);
    return taken;
  }
  /// When the session's first webhook had come.
  Wall submit(const SessionId& id) {
    if (!sessions_.try_emplace(id, false).second) return kNoWall;
    Wall first = kNoWall;
    for (Row& row : rows) {
      if (row.id != id) continue;
      row.result = HintResult::accepted;
      if (first == kNoWall || row.received_at < first) first = row.received_at;
    }
    return first;
  }
  void finish(const SessionId& id) { sessions_.at(id) = true; }
  void erase(const SessionId& id) {
    sessions_.erase(id);
    std::erase_if(rows, [&](const Row& row) { return row.id == id; });
  }
  void sweep(Wall now) {
    std::erase_if(rows, [&](const Row& row) {
      return row.result == HintResult::kept && row.last_received_at < now - std::chrono::days(7);
    });
  }
  bool follows(const SessionId& id) const { return sessions_.contains(id); }

  std::vector<Row> rows;  ///< oldest arrival first

 private:
  static constexpr std::int64_t kMiB = 1 << 20;

  void add(const Hint& hint, HintResult result) {
    const auto of_session = [&](const Row& row) { return row.id == hint.id; };
    while (std::ranges::count_if(rows, of_session) >= 100)
      rows.erase(std::ranges::find_if(rows, of_session));
    std::int64_t held = 0;
    for (const Row& row : rows)
      held += of_session(row) && row.body_kept ? row.bytes : 0;
    const auto bytes = static_cast<std::int64_t>(hint.body.size());
    rows.push_back(
        {hint.id, hint.sha256, result, hint.received_at, hint.received_at, 1, bytes, held + bytes <= kMiB});
    const auto strangers = [](const Row& row) { return row.result == HintResult::kept; };
    for (;;) {
      std::int64_t total = 0;
      for (const Row& row : rows)
        total += strangers(row) && row.body_kept ? row.bytes : 0;
      if (std::ranges::count_if(rows, strangers) <= 10'000 && total <= 16 * kMiB) return;
      rows.erase(std::ranges::find_if(rows, strangers));
    }
  }

  std::map<SessionId, bool> sessions_;  ///< and whether they are final
};

}  // namespace bankconnect::test
