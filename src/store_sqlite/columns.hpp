// How values are stored: a session's columns, listed once, and the conversions between values and columns.
#pragma once

#include <cstring>
#include <string>
#include <tuple>

#include "bankconnect/records.hpp"
#include "src/store_sqlite/sqlite.hpp"

namespace bankconnect::store_sqlite {

template <class T>
struct Column {
  const char* name;
  T Durable::*member;
};
/// clang deduces an aggregate's arguments from version 17 on only.
template <class T>
Column(const char*, T Durable::*) -> Column<T>;

/// The columns of `sessions` that hold its Durable part: from this list come the SQL, the binding and the
/// reading.
inline constexpr std::tuple kDurableColumns{
    Column{"state", &Durable::state},
    Column{"final", &Durable::final},
    Column{"failed_from", &Durable::failed_from},
    Column{"upload_status", &Durable::upload_status},
    Column{"outcome", &Durable::outcome},
    Column{"reason", &Durable::reason},
    Column{"why", &Durable::why},
    Column{"hold", &Durable::hold},
    Column{"process_wanted", &Durable::process_wanted},
    Column{"stalled", &Durable::stalled},
    Column{"requested_elsewhere", &Durable::requested_elsewhere},
    Column{"anomalies", &Durable::anomalies},
    Column{"reinitiates", &Durable::reinitiates},
    Column{"account_count", &Durable::accounts},
    Column{"statement_count", &Durable::statements},
    Column{"fingerprint", &Durable::fingerprint},
    Column{"submitted_at", &Durable::submitted_at},
    Column{"followed_from", &Durable::followed_from},
    Column{"since", &Durable::since},
    Column{"state_since", &Durable::state_since},
    Column{"expires_at", &Durable::expires_at},
    Column{"requested_at", &Durable::requested_at},
    Column{"accepted_at", &Durable::accepted_at},
    Column{"not_found_since", &Durable::not_found_since},
    Column{"not_requested_since", &Durable::not_requested_since},
    Column{"doubted_since", &Durable::doubted_since},
    Column{"final_at", &Durable::final_at},
    Column{"hinted_at", &Durable::hinted_at},
    Column{"after_end", &Durable::after_end},
    Column{"after_end_since", &Durable::after_end_since},
    Column{"progress_fingerprint", &Durable::progress_fingerprint},
    Column{"restored", &Durable::restored},
    Column{"requester_unknown", &Durable::requester_unknown},
    Column{"enriched_as", &Durable::enriched_as},
};
inline constexpr std::size_t kDurableColumnCount = std::tuple_size_v<decltype(kDurableColumns)>;

template <class F>
void for_each_durable_column(const F& visit) {
  std::apply([&visit](const auto&... column) { (visit(column), ...); }, kDurableColumns);
}

/// `state, final, …`
inline std::string durable_column_list() {
  std::string list;
  for_each_durable_column([&list](const auto& column) {
    if (!list.empty()) list += ", ";
    list += column.name;
  });
  return list;
}

/// The columns of an event, in the order in which it is read; `e` names the table.
inline const std::string kEventColumns =
    "e.seq, e.sid IS NULL, e.at, e.from_state, e.to_state, e.cause, e.event, e.final, e.outcome, e.reason, "
    "e.reason_code";

/// `?,?,?` for so many values.
inline std::string placeholders(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i)
    list += i == 0 ? "?" : ",?";
  return list;
}

inline Statement& bind_id(Statement& statement, const SessionId& id) {
  return statement.bind_blob(id.bytes.data(), id.bytes.size());
}

inline SessionId read_id(Statement& statement) {
  SessionId id;
  const std::string_view blob = statement.blob();
  if (blob.size() == id.bytes.size()) std::memcpy(id.bytes.data(), blob.data(), blob.size());
  return id;
}

inline Sha256 read_digest(Statement& statement) {
  Sha256 digest{};
  const std::string_view blob = statement.blob();
  if (blob.size() == digest.size()) std::memcpy(digest.data(), blob.data(), blob.size());
  return digest;
}

/// The columns `bytes, sha256, fetched_at, zstd`.
inline Payload read_payload(Statement& statement) {
  Payload payload;
  payload.bytes = static_cast<std::uint64_t>(statement.integer());
  payload.sha256 = read_digest(statement);
  payload.fetched_at = statement.wall();
  payload.compressed = statement.blob();
  return payload;
}

template <class E>
std::int64_t value(E e) {
  return static_cast<std::int64_t>(e);
}

// The last enumerator of each enumeration that is stored.
inline State last_of(State) {
  return State::failed;
}
inline UploadStatus last_of(UploadStatus) {
  return UploadStatus::unknown;
}
inline Outcome last_of(Outcome) {
  return Outcome::partial;
}
inline Reason last_of(Reason) {
  return Reason::refused;
}
inline Why last_of(Why) {
  return kLastWhy;
}
inline Call last_of(Call) {
  return Call::insights;
}
inline Cause last_of(Cause) {
  return Cause::command;
}
inline Trigger last_of(Trigger) {
  return kLastTrigger;
}
inline AfterEnd last_of(AfterEnd) {
  return AfterEnd::reports;
}
inline ReportFormat last_of(ReportFormat) {
  return ReportFormat::xml;
}
inline WebhookResult last_of(WebhookResult) {
  return WebhookResult::kept;
}

/// An enumeration as stored. A value this program does not know means that the file is damaged.
template <class E>
E read_enum(Statement& statement) {
  const std::int64_t stored = statement.integer();
  if (stored < 0 || stored > value(last_of(E{}))) {
    throw SqliteError(SQLITE_CORRUPT, "a stored value is out of its range (" + std::to_string(stored) + ")");
  }
  return static_cast<E>(stored);
}

template <class T>
void bind_value(Statement& statement, const T& bound) {
  if constexpr (std::is_enum_v<T>) {
    statement.bind(value(bound));
  } else {
    statement.bind(bound);
  }
}

template <class T>
void read_value(Statement& statement, T& into) {
  if constexpr (std::is_same_v<T, Wall>) {
    into = statement.wall();
  } else if constexpr (std::is_same_v<T, Elapsed>) {
    into = statement.elapsed();
  } else if constexpr (std::is_enum_v<T>) {
    into = read_enum<T>(statement);
  } else if constexpr (std::is_same_v<T, bool>) {
    into = statement.integer() != 0;
  } else {
    into = static_cast<T>(statement.integer());
  }
}

inline void bind_durable(Statement& statement, const Durable& durable) {
  for_each_durable_column([&](const auto& column) { bind_value(statement, durable.*column.member); });
}

inline void read_durable(Statement& statement, Durable& durable) {
  for_each_durable_column([&](const auto& column) { read_value(statement, durable.*column.member); });
}

/// A position that a client names may be larger than any row's.
inline std::int64_t as_rowid(std::uint64_t position) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(position, INT64_MAX));
}

}  // namespace bankconnect::store_sqlite
