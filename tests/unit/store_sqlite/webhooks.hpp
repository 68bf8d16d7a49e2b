// Webhooks to be stored, and a second connection that reads what was.
#pragma once

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {

/// The submission time of `new_session`.
inline constexpr Wall kThen{std::chrono::hours(480'000)};

inline Webhook hint_of(const SessionId& id, const std::string& body, Wall at = kThen) {
  Webhook webhook;
  webhook.id = id;
  webhook.event_name = "ENRICHMENT_NOTIFICATION";
  webhook.body = body;
  // The store needs a digest that differs from body to body, not SHA-256.
  Random digest(std::hash<std::string>{}(body));
  for (auto& byte : webhook.sha256)
    byte = static_cast<std::uint8_t>(digest.number());
  webhook.received_at = at;
  webhook.stored_since = as_elapsed(at);
  return webhook;
}

/// Stores a webhook and no wake-up time of its session.
inline WebhookWrite without_wake_up(Webhook webhook) {
  WebhookWrite write;
  write.webhook = std::move(webhook);
  return write;
}

/// Stores a webhook and its arrival as its session's wake-up time.
inline WebhookWrite with_wake_up(const NewSession& session, Webhook webhook) {
  SessionWrite step;
  step.id = session.id;
  step.durable = session.durable;
  step.durable.hinted_at = webhook.received_at;
  WebhookWrite write;
  write.session = std::move(step);
  write.webhook = std::move(webhook);
  return write;
}

/// An integer, read through another connection to the database.
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
