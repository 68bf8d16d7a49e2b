// Webhooks for the store to take, and a look at what it keeps of them.
#pragma once

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "tests/unit/store/random_values.hpp"

namespace bankconnect::test {

/// When `new_session` is submitted.
inline constexpr Wall kThen{std::chrono::hours(480'000)};

inline Hint hint_of(const SessionId& id, const std::string& body, Wall at = kThen) {
  Hint hint;
  hint.id = id;
  hint.event_name = "ENRICHMENT_NOTIFICATION";
  hint.body = body;
  // Any digest does that differs from body to body.
  Random digest(std::hash<std::string>{}(body));
  for (auto& byte : hint.sha256)
    byte = static_cast<std::uint8_t>(digest.number());
  hint.received_at = at;
  hint.kept_since = as_reckoned(at);
  return hint;
}

/// A hint that gives its session no wake-up time.
inline HintWrite alone(Hint hint) {
  HintWrite write;
  write.hint = std::move(hint);
  return write;
}

/// A hint with the wake-up time of its session.
inline HintWrite waking(const NewSession& session, Hint hint) {
  SessionWrite step;
  step.id = session.id;
  step.kept = session.kept;
  step.kept.hinted_at = hint.received_at;
  HintWrite write;
  write.session = std::move(step);
  write.hint = std::move(hint);
  return write;
}

/// A number as another program reads it from the database.
inline std::int64_t read_from_outside(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  BOOST_REQUIRE_MESSAGE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK, sql);
  const std::int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return number;
}

}  // namespace bankconnect::test
