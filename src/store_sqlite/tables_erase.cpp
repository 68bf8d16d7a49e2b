// The statements that erase: on demand, and by retention.
#include "src/store_sqlite/columns.hpp"
#include "src/store_sqlite/tables.hpp"

namespace bankconnect::store_sqlite {

std::optional<State> Tables::erase(const SessionId& id) {
  inbox_.erase(id);  // also when the session was never submitted
  std::int64_t sid = 0;
  State state = State::no_uploads;
  {
    const ResetOnExit reset(find_sid_);
    bind_id(find_sid_, id);
    if (!find_sid_.step()) return std::nullopt;
    sid = find_sid_.integer();
    state = read_enum<State>(find_sid_);
  }
  erase_row(sid);
  count_command_.run();
  return state;
}

void Tables::erase_row(std::int64_t sid) {
  delete_payloads_.bind(sid).run();
  reports_.erase(sid);
  blank_events_.bind(sid).run();
  delete_session_.bind(sid).run();
}

Swept Tables::sweep(Elapsed before, Wall events_before, std::uint32_t limit) {
  Swept swept;
  std::vector<std::int64_t> sids;
  {
    const ResetOnExit reset(final_before_);
    final_before_.bind(before).bind(limit);
    while (final_before_.step()) {
      sids.push_back(final_before_.integer());
      const SessionId id = read_id(final_before_);
      swept.erased.emplace_back(id, read_enum<State>(final_before_));
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

}  // namespace bankconnect::store_sqlite
