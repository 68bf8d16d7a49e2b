// The rows: every statement the store runs, as functions over plain values. Store thread only; throws
// SqliteError.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/archive.hpp"
#include "bankconnect/ports.hpp"
#include "bankconnect/store.hpp"
#include "src/store/inbox.hpp"
#include "src/store/sqlite.hpp"

namespace bankconnect::store {

class Tables {
 public:
  explicit Tables(Connection& connection);

  /// Inserts the session and its first event; nothing when the id is followed already.
  Submitted submit(const NewSession& session);
  /// Updates the session; appends the event, if there is one. A session that was erased meanwhile stays
  /// erased.
  std::optional<EventRecord> write(const SessionWrite& write);
  /// Keeps the hint, and its session's new wake-up time with it.
  HintTaken take_hint(const HintWrite& write);
  std::optional<State> erase(const SessionId& id);

  std::optional<SessionRecord> session(const SessionId& id);
  SessionPage sessions(const SessionQuery& query);
  std::optional<Payload> payload(const SessionId& id, Call kind);
  EventPage events(std::uint64_t after, std::uint32_t limit);
  Swept sweep(Reckoned before, Wall events_before, std::uint32_t limit);

  void each_live(const std::function<void(const SessionRecord&)>& visit);
  std::array<std::uint64_t, kAllStates.size()> count_states();
  std::optional<std::pair<SessionId, Wall>> oldest_live();
  std::uint64_t last_event_seq();
  std::optional<Reckoning> reckoning();
  void keep(const Reckoning& reckoning);
  Inbox& inbox() { return inbox_; }

 private:
  struct Row {
    std::int64_t sid = 0;
    SessionRecord record;
  };

  void bind_kept(Statement& statement, const Kept& kept);
  Row read_row(Statement& statement);
  EventRecord append(std::int64_t sid, const SessionId& id, const std::string& reference,
                     const Transition& transition, const std::string& reason_code);
  EventRecord read_event(Statement& statement);
  void keep(std::int64_t sid, Call kind, const Payload& payload);
  void add_details(Row& row);
  void erase_row(std::int64_t sid);

  Connection& connection_;
  Statement insert_session_, find_sid_, find_final_, update_session_, set_hinted_, update_accounts_,
      insert_event_, replace_payload_;
  Statement select_session_, select_payload_infos_, select_payload_, select_history_, select_events_,
      oldest_event_;
  Statement delete_payloads_, blank_events_, delete_session_;
  Statement final_before_, drop_events_, live_, oldest_live_, last_event_seq_;
  Statement reckoning_, keep_reckoning_;
  Inbox inbox_;
};

}  // namespace bankconnect::store
