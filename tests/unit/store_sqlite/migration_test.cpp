// A database that an earlier version wrote is migrated with everything in it.
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

/// As version 1 created it, before webhooks. Never change it: such files exist.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE sessions (
  sid INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE CHECK (length(id) = 16), reference TEXT,
  state INTEGER NOT NULL, final INTEGER NOT NULL, failed_from INTEGER NOT NULL,
  upload_status INTEGER NOT NULL, outcome INTEGER NOT NULL, reason INTEGER NOT NULL, why INTEGER NOT NULL,
  hold INTEGER NOT NULL, process_wanted INTEGER NOT NULL, stalled INTEGER NOT NULL,
  requested_elsewhere INTEGER NOT NULL, anomalies INTEGER NOT NULL, reinitiates INTEGER NOT NULL,
  account_count INTEGER NOT NULL, statement_count INTEGER NOT NULL, fingerprint INTEGER NOT NULL,
  submitted_at INTEGER, followed_from INTEGER, since INTEGER, expires_at INTEGER, requested_at INTEGER,
  accepted_at INTEGER, not_found_since INTEGER, final_at INTEGER, error_code TEXT, error_message TEXT,
  error_at INTEGER, accounts TEXT) STRICT;
CREATE INDEX sessions_by_state ON sessions (state, sid);
CREATE INDEX sessions_by_reference ON sessions (reference, sid) WHERE reference IS NOT NULL;
CREATE INDEX sessions_live ON sessions (submitted_at) WHERE final = 0;
CREATE INDEX sessions_final ON sessions (final_at) WHERE final = 1;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid INTEGER, at INTEGER, from_state INTEGER, to_state INTEGER,
  cause INTEGER, event INTEGER, final INTEGER, outcome INTEGER, reason INTEGER, reason_code TEXT) STRICT;
CREATE INDEX events_by_session ON events (sid, seq) WHERE sid IS NOT NULL;
CREATE TABLE payloads (
  sid INTEGER NOT NULL, kind INTEGER NOT NULL, bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32), fetched_at INTEGER NOT NULL, zstd BLOB NOT NULL,
  PRIMARY KEY (sid, kind)) STRICT;

-- A session that is being processed, and a final one.
INSERT INTO sessions VALUES (1, x'0102030405060708090a0b0c0d0e0f10', 'loan 7', 4,0,0,3,0,0,0,1,0,1,0,5,2,
  3,4,99, 1000,2000,3000,4000,5000,6000,NULL,NULL, 'HTTP_503','busy',7000, '[{"id":"a"}]');
INSERT INTO sessions VALUES (2, x'ffffffffffffffffffffffffffffffff', NULL, 5,1,0,3,1,0,0,0,0,0,0,0,0,
  1,1,1, 1500,1500,2500,NULL,NULL,NULL,NULL,9000, NULL,NULL,NULL, NULL);
INSERT INTO events VALUES (1, 1, 1000, NULL, 0, 0, 0, 0, 0, 0, NULL);
INSERT INTO events VALUES (2, 2, 1500, NULL, 0, 0, 0, 0, 0, 0, NULL);
INSERT INTO events VALUES (3, 1, 3000, 0, 4, 0, 0, 0, 0, 0, NULL);
INSERT INTO payloads VALUES (2, 4, 30, zeroblob(32), 8000, x'0badcafe');
PRAGMA application_id = 1650680881;
PRAGMA user_version = 1;
)sql";

struct Version1 {
  Version1() {
    sqlite3* handle = nullptr;
    BOOST_REQUIRE(sqlite3_open((dir / "db").c_str(), &handle) == SQLITE_OK);
    char* said = nullptr;
    const int code = sqlite3_exec(handle, kVersion1, nullptr, nullptr, &said);
    BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, (said != nullptr ? said : "failed"));
    sqlite3_close(handle);
  }

  TempDir dir;
  const SessionId live = *SessionId::parse("01020304-0506-0708-090a-0b0c0d0e0f10");
  const SessionId ended = *SessionId::parse("ffffffff-ffff-ffff-ffff-ffffffffffff");
};

/// Every column of every table and index.
std::string columns(const std::string& path) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  const char* sql =
      "SELECT group_concat(line, char(10)) FROM (SELECT s.type || ' ' || s.name || ' ' || c.name || ' ' || "
      "c.type AS line FROM sqlite_schema s, pragma_table_xinfo(s.name) c ORDER BY line)";
  BOOST_REQUIRE(sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const std::string all = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  BOOST_REQUIRE(all.find("table webhooks sha256") != std::string::npos);
  return all;
}

Wall at(std::int64_t milliseconds) {
  return Wall(Duration(milliseconds));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(migration, Version1)

BOOST_AUTO_TEST_CASE(a_migrated_live_session_is_recovered_with_every_field) {
  const OpenStore store(dir / "db");
  const auto& records = store.recovered;
  BOOST_REQUIRE(records.size() == 1U);
  BOOST_TEST((records[0].id == live));
  BOOST_TEST(records[0].reference == "loan 7");
  BOOST_TEST(records[0].last_error->code == "HTTP_503");
  BOOST_TEST((records[0].last_error->at == at(7000)));
  Durable expected;
  expected.state = State::processing;
  expected.upload_status = UploadStatus::completed;
  expected.hold = expected.stalled = true;
  expected.anomalies = 5;
  expected.reinitiates = 2;
  expected.accounts = 3;
  expected.statements = 4;
  expected.fingerprint = 99;
  expected.submitted_at = at(1000);
  expected.followed_from = as_elapsed(at(2000));
  expected.since = at(3000);
  expected.state_since = as_elapsed(at(3000));
  expected.expires_at = at(4000);
  expected.requested_at = at(5000);
  expected.accepted_at = at(6000);
  BOOST_TEST((records[0].durable == expected));
}

BOOST_AUTO_TEST_CASE(a_migrated_session_has_no_wake_up_time) {
  OpenStore store(dir / "db");
  BOOST_TEST((store.session(live)->durable.hinted_at == kNoWall));
  BOOST_TEST((store.session(ended)->durable.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(accounts_history_and_payloads_survive_migration) {
  OpenStore store(dir / "db");
  BOOST_TEST(store.session(live)->uploaded_accounts == "[{\"id\":\"a\"}]");
  BOOST_TEST(store.session(live)->history.size() == 2U);
  BOOST_TEST(store.payload(ended, Call::insights)->compressed == "\x0b\xad\xca\xfe");
}

BOOST_AUTO_TEST_CASE(seq_continues_after_migration) {
  OpenStore store(dir / "db");
  BOOST_TEST(store.events(0).events.size() == 3U);
  const auto outcome = store.submit({new_session(Random(1).id())}).value();
  BOOST_REQUIRE(outcome[0].record.has_value());
  BOOST_TEST(outcome[0].record->history.back().seq == 4U);
}

BOOST_AUTO_TEST_CASE(webhooks_are_stored_for_migrated_sessions) {
  OpenStore store(dir / "db");
  BOOST_TEST((store.store_webhook(without_wake_up(hint_of(live, "{}")))->result == WebhookResult::accepted));
  BOOST_TEST((store.store_webhook(without_wake_up(hint_of(ended, "{}")))->result == WebhookResult::recorded));
  BOOST_TEST(store.all_webhooks().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_migrated_database_has_the_same_columns_as_a_new_one) {
  { const OpenStore migrated(dir / "db"); }
  { const OpenStore made(dir / "new"); }
  BOOST_TEST(columns(dir / "db") == columns(dir / "new"));
  BOOST_TEST(read_from_outside(dir / "db", "PRAGMA user_version") ==
             read_from_outside(dir / "new", "PRAGMA user_version"));
}

BOOST_AUTO_TEST_CASE(a_migrated_database_opens_again) {
  { const OpenStore first(dir / "db"); }
  OpenStore second(dir / "db");
  BOOST_TEST(second.session(live).has_value());
  BOOST_TEST(second.session(ended).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
