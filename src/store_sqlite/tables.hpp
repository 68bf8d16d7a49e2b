// The rows of sessions, events and payloads: every statement about them, as functions over plain values.
// Store thread only; throws SqliteError.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "bankconnect/store.hpp"
#include "src/store_sqlite/inbox.hpp"
#include "src/store_sqlite/registrations.hpp"
#include "src/store_sqlite/reports.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

class Tables {
 public:
  explicit Tables(Connection& connection);

  /// Inserts the session and its first event, unless the id is known already.
  Submitted submit(const NewSession& session);
  /// Updates the session; appends the event, if there is one. A session that was erased meanwhile stays
  /// erased.
  Written write(const SessionWrite& write);
  /// Stores the webhook, and its session's new wake-up time with it.
  StoredWebhook store_webhook(const WebhookWrite& write);
  std::optional<State> erase(const SessionId& id);

  std::optional<SessionRecord> session(const SessionId& id);
  SessionPage sessions(const SessionQuery& query);
  std::optional<Payload> payload(const SessionId& id, Call kind);
  EventPage events(const EventQuery& query);
  /// The sessions of the rows after `sid`, in the order of the rows; without payloads, reports and history.
  void rows_after(std::int64_t sid, std::uint32_t limit,
                  const std::function<void(std::int64_t sid, const SessionRecord&)>& visit);
  Swept sweep(Elapsed before, Wall events_before, std::uint32_t limit);

  void each_live(const std::function<void(const SessionRecord&)>& visit);
  StateCounts count_states();
  std::optional<std::pair<SessionId, Wall>> oldest_live();
  std::uint64_t last_event_seq();
  std::string log_id();
  LogPosition log_position();
  bool restored();
  void mark_restored();
  void resume();
  /// Writes a page as it is.
  void write_nothing_new();
  std::optional<ClockSnapshot> clock_snapshot();
  void save_clock(const ClockSnapshot& snapshot);
  Inbox& inbox() { return inbox_; }
  Registrations& registrations() { return registrations_; }
  Reports& reports() { return reports_; }

 private:
  struct Row {
    std::int64_t sid = 0;
    SessionRecord record;
  };

  struct Updated {
    bool found = false;  ///< the session is there
    std::optional<EventRecord> event;
  };

  Updated update(const SessionWrite& write);
  void update_answers(std::int64_t sid, const SessionWrite& write);
  Row read_row(Statement& statement);
  EventRecord append(std::int64_t sid, const SessionId& id, const std::string& reference,
                     const Transition& transition, const std::string& reason_code);
  EventRecord read_event(Statement& statement);
  void save_payload(std::int64_t sid, Call kind, const Payload& payload);
  void add_payload_infos(Row& row);
  void add_history(Row& row);
  void fill_reference(const NewSession& session, Submitted& outcome);
  void erase_row(std::int64_t sid);

  Connection& connection_;
  Statement insert_session_, fill_reference_, find_reference_, find_sid_, find_submission_, find_final_,
      update_session_, set_hinted_, update_uploaded_accounts_, update_processed_accounts_,
      update_statement_progress_, update_evidence_, insert_event_, replace_payload_;
  Statement select_session_, select_payload_infos_, select_payload_, select_history_, select_events_,
      select_session_events_, oldest_event_;
  Statement delete_payloads_, blank_events_, delete_session_;
  Statement final_before_, drop_events_, live_, oldest_live_, last_event_seq_, log_id_, log_position_,
      count_command_;
  Statement clock_, save_clock_;
  Inbox inbox_;
  Registrations registrations_;
  Reports reports_;
};

/// `SELECT … FROM sessions `, with the columns in the order in which a row is read.
std::string select_session_sql();

}  // namespace bankconnect::store_sqlite
