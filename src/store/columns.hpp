// What the two halves of the tables share: column lists, and enumerations as they are stored.
#pragma once

#include <cstring>
#include <string>

#include "src/store/sqlite.hpp"
#include "statemachine/session_id.hpp"

namespace bankconnect::store {

// The columns of a session, in the order bind_kept and read_row use.
#define KEPT_COLUMNS                                                                                         \
  "state, final, failed_from, upload_status, outcome, reason, why, hold, process_wanted, stalled, "          \
  "requested_elsewhere, anomalies, reinitiates, account_count, statement_count, fingerprint, submitted_at, " \
  "followed_from, since, state_since, expires_at, requested_at, accepted_at, not_found_since, final_at, "    \
  "hinted_at"
#define SELECT_SESSION                                    \
  "SELECT sid, id, reference, " KEPT_COLUMNS              \
  ", error_code, error_message, error_at, accounts FROM " \
  "sessions "
#define EVENT_COLUMNS                                                                                      \
  "e.seq, e.sid IS NULL, e.at, e.from_state, e.to_state, e.cause, e.event, e.final, e.outcome, e.reason, " \
  "e.reason_code"

inline Statement& bind_id(Statement& statement, const SessionId& id) {
  return statement.bind_blob(id.bytes.data(), id.bytes.size());
}

inline SessionId read_id(Statement& statement) {
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
inline std::int64_t as_rowid(std::uint64_t position) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(position, INT64_MAX));
}

template <class N>
N read_number(Statement& statement) {
  return static_cast<N>(statement.integer());
}

}  // namespace bankconnect::store
