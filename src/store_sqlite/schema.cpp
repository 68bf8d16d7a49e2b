#include "src/store_sqlite/schema.hpp"

#include <array>

#include "src/store_sqlite/scrub.hpp"

namespace bankconnect::store_sqlite {
namespace {

// Times are milliseconds since 1970 UTC; states, reasons and so on are the enumerations' values.
// What names a session is in rows that erasing takes away; an event has only `sid`. Of an erased session's
// events `seq` and `at` stay (readers need the one, retention the other), all else becomes NULL.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE sessions (
  sid INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  reference TEXT,
  state INTEGER NOT NULL,
  final INTEGER NOT NULL,
  failed_from INTEGER NOT NULL,
  upload_status INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  why INTEGER NOT NULL,
  hold INTEGER NOT NULL,
  process_wanted INTEGER NOT NULL,
  stalled INTEGER NOT NULL,
  requested_elsewhere INTEGER NOT NULL,
  anomalies INTEGER NOT NULL,
  reinitiates INTEGER NOT NULL,
  account_count INTEGER NOT NULL,
  statement_count INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  submitted_at INTEGER,
  followed_from INTEGER,
  since INTEGER,
  expires_at INTEGER,
  requested_at INTEGER,
  accepted_at INTEGER,
  not_found_since INTEGER,
  final_at INTEGER,
  error_code TEXT,
  error_message TEXT,
  error_at INTEGER,
  accounts TEXT
) STRICT;
CREATE INDEX sessions_by_state ON sessions (state, sid);
CREATE INDEX sessions_by_reference ON sessions (reference, sid) WHERE reference IS NOT NULL;
CREATE INDEX sessions_live ON sessions (submitted_at) WHERE final = 0;
CREATE INDEX sessions_final ON sessions (final_at) WHERE final = 1;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  sid INTEGER,
  at INTEGER,
  from_state INTEGER,
  to_state INTEGER,
  cause INTEGER,
  event INTEGER,
  final INTEGER,
  outcome INTEGER,
  reason INTEGER,
  reason_code TEXT
) STRICT;
CREATE INDEX events_by_session ON events (sid, seq) WHERE sid IS NOT NULL;

CREATE TABLE payloads (
  sid INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  fetched_at INTEGER NOT NULL,
  zstd BLOB NOT NULL,
  PRIMARY KEY (sid, kind)
) STRICT;
)sql";

// Webhooks name a session that need not be there (yet), so they hold its id. `arrival` rises with every one
// that comes, counted repetitions included. Bodies are apart, so that counting one does not write it again;
// `kept` says how many of its bytes are there.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE sessions ADD COLUMN hinted_at INTEGER;

CREATE TABLE webhooks (
  number INTEGER PRIMARY KEY,
  arrival INTEGER NOT NULL UNIQUE,
  id BLOB NOT NULL CHECK (length(id) = 16),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  event_name TEXT NOT NULL,
  result INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  last_received_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  kept INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhooks_by_body ON webhooks (id, sha256);
CREATE INDEX webhooks_by_session ON webhooks (id, arrival);
CREATE INDEX webhooks_by_result ON webhooks (result, arrival);

CREATE TABLE webhook_bodies (
  number INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE registration (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  webhook_url TEXT NOT NULL,
  webhook_mode TEXT NOT NULL,
  at INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
)sql";

// `state_since`, `followed_from`, `not_found_since`, `final_at` and `kept_since` are elapsed times
// (statemachine/moment.hpp), which begin with what the wall clock said. `boot` is the clock that counts from
// the machine's start: while it has not gone back, it says how long the daemon was away.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE sessions ADD COLUMN state_since INTEGER;
UPDATE sessions SET state_since = since;
ALTER TABLE webhooks ADD COLUMN kept_since INTEGER;
UPDATE webhooks SET kept_since = last_received_at;

CREATE TABLE reckoning (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  reckoned INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  boot INTEGER NOT NULL
) STRICT;
)sql";

// `seq` means something only together with the log it is of. `copied` is set in a copy that `backup` made:
// when that is started, its log is another one, because the copied daemon goes on with the old one.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE event_log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  log_id TEXT NOT NULL,
  copied INTEGER NOT NULL
) STRICT;
INSERT INTO event_log VALUES (1, lower(hex(randomblob(16))), 0);
ALTER TABLE sessions ADD COLUMN not_requested_since INTEGER;
ALTER TABLE sessions ADD COLUMN doubted_since INTEGER;
)sql";

// `accounts` had what the last answer of either kind listed; from here on it is what upload_status lists.
// `after_end` is set while a final session is to be asked about once more.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE sessions RENAME COLUMN accounts TO uploaded_accounts;
ALTER TABLE sessions ADD COLUMN processed_accounts TEXT;
ALTER TABLE sessions ADD COLUMN statement_progress TEXT;
ALTER TABLE sessions ADD COLUMN progress_fingerprint INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN after_end INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN after_end_since INTEGER;
ALTER TABLE sessions ADD COLUMN evidence_call INTEGER;
ALTER TABLE sessions ADD COLUMN evidence_at INTEGER;
ALTER TABLE sessions ADD COLUMN evidence_field TEXT;
ALTER TABLE sessions ADD COLUMN evidence_value TEXT;
ALTER TABLE sessions ADD COLUMN evidence_statement TEXT;
CREATE INDEX sessions_after_end ON sessions (submitted_at) WHERE after_end <> 0;
)sql";

// `restored`: of the log, while nothing may be initiated; of a session, when it was live in the copy.
constexpr const char* kVersion6 = R"sql(
ALTER TABLE event_log ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN requester_unknown INTEGER NOT NULL DEFAULT 0;
)sql";

// `previous`: the name of the log that this one was before a restore. `commands`: of operators, erasures
// among them; they leave no event, and a database that went back has fewer.
constexpr const char* kVersion7 = R"sql(
ALTER TABLE event_log ADD COLUMN previous TEXT NOT NULL DEFAULT '';
ALTER TABLE event_log ADD COLUMN commands INTEGER NOT NULL DEFAULT 0;
)sql";

// A report has its bytes, or the error for which it has none. `enriched_as` is a value of `why`; 19 is that
// of a session with all its data.
constexpr const char* kVersion8 = R"sql(
ALTER TABLE sessions ADD COLUMN enriched_as INTEGER NOT NULL DEFAULT 19;

CREATE TABLE reports (
  sid INTEGER NOT NULL,
  account TEXT NOT NULL,
  format INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB,
  fetched_at INTEGER,
  error_code TEXT,
  error_message TEXT,
  error_at INTEGER,
  zstd BLOB,
  PRIMARY KEY (sid, account, format)
) STRICT;
)sql";

// Checksums of what is written together. Rows of earlier versions have none until they are written again.
constexpr const char* kVersion9 = R"sql(
ALTER TABLE sessions ADD COLUMN checksum INTEGER;
ALTER TABLE sessions ADD COLUMN reference_checksum INTEGER;
ALTER TABLE sessions ADD COLUMN uploaded_accounts_checksum INTEGER;
ALTER TABLE sessions ADD COLUMN processed_accounts_checksum INTEGER;
ALTER TABLE sessions ADD COLUMN statement_progress_checksum INTEGER;
ALTER TABLE sessions ADD COLUMN evidence_checksum INTEGER;
)sql";

constexpr std::array kVersions = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5,
                                  kVersion6, kVersion7, kVersion8, kVersion9};

}  // namespace

std::int64_t present_version() {
  return static_cast<std::int64_t>(kVersions.size());
}

void configure_writer(Connection& connection) {
  sqlite3_busy_timeout(connection.handle(), kBusyTimeoutMs);
  connection.execute("PRAGMA auto_vacuum = NONE");
  connection.execute("PRAGMA journal_mode = WAL");
  connection.execute("PRAGMA synchronous = FULL");
  connection.execute("PRAGMA secure_delete = ON");
  connection.execute("PRAGMA mmap_size = 0");
  connection.execute("PRAGMA temp_store = MEMORY");
  connection.execute("PRAGMA cache_size = -8192");
  connection.execute("PRAGMA wal_autocheckpoint = 4000");
  connection.execute("PRAGMA journal_size_limit = 16777216");
  connection.execute(("PRAGMA max_page_count = " + std::to_string(kMostPages)).c_str());
}

void check_ownership(Connection& connection) {
  const std::int64_t application = connection.integer("PRAGMA application_id");
  const std::int64_t version = connection.integer("PRAGMA user_version");
  const std::int64_t tables = connection.integer("SELECT count(*) FROM sqlite_schema");
  if (application != kApplicationId && (application != 0 || tables != 0)) {
    throw SqliteError(SQLITE_NOTADB, "the file is a database of another program");
  }
  if (version > present_version()) {
    throw SqliteError(SQLITE_NOTADB, "the database was written by a newer version of bankconnectd (schema " +
                                         std::to_string(version) + ", this one knows " +
                                         std::to_string(present_version()) + ")");
  }
}

void migrate(Connection& connection) {
  const std::int64_t version = connection.integer("PRAGMA user_version");
  for (auto next = static_cast<std::size_t>(version); next < kVersions.size(); ++next) {
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(kVersions[next]);
    connection.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    connection.execute(("PRAGMA user_version = " + std::to_string(next + 1)).c_str());
    connection.execute("COMMIT");
  }
}

void begin_restored_log(Connection& connection) {
  connection.execute("BEGIN IMMEDIATE");
  connection.execute(
      "UPDATE event_log SET previous = log_id, log_id = lower(hex(randomblob(16))), copied = 0, restored = "
      "1");
  connection.execute("UPDATE sessions SET restored = 1 WHERE final = 0");
  connection.execute("COMMIT");
}

void begin_copied_log(Connection& connection) {
  if (connection.integer("SELECT copied FROM event_log") != 0) begin_restored_log(connection);
}

}  // namespace bankconnect::store_sqlite
