#include "src/store_sqlite/sqlite.hpp"

#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/scrub.hpp"

namespace bankconnect::store_sqlite {

namespace {

/// An exhausted quota counts as a full disk, and so does a write-ahead log that cannot be truncated. A failed
/// fsync never does: what has reached the disk is unknown then.
bool out_of_space(int code, int system) {
  if (code == SQLITE_IOERR_SHMSIZE) return true;
  return is_out_of_space(system) && (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE);
}

}  // namespace

Connection::Connection(const std::string& path, int flags) {
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, scrubbing_vfs());
  if (code != SQLITE_OK) {
    const std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    sqlite3_close_v2(handle_);
    throw SqliteError(code, path + ": " + message);
  }
  sqlite3_extended_result_codes(handle_, 1);
}

Connection::~Connection() {
  sqlite3_close_v2(handle_);
}

void Connection::fail(int code, std::string_view doing) const {
  const int system = sqlite3_system_errno(handle_);
  std::string message =
      std::string(doing) + ": " + sqlite3_errmsg(handle_) + " (SQLite code " + std::to_string(code);
  if (system != 0) message += ", errno " + std::to_string(system);
  throw SqliteError(out_of_space(code, system) ? SQLITE_FULL : code, message + ")");
}

void Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(sqlite3_extended_errcode(handle_), sql);
}

std::int64_t Connection::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer() : 0;
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) connection.fail(sqlite3_extended_errcode(connection.handle()), sql);
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

namespace {
void check(Connection& connection, int code) {
  if (code != SQLITE_OK) connection.fail(code, "bind");
}
}  // namespace

Statement& Statement::bind(std::int64_t value) {
  check(connection_, sqlite3_bind_int64(handle_, ++parameter_, value));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  check(connection_,
        sqlite3_bind_text64(handle_, ++parameter_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(const void* data, std::size_t size) {
  check(connection_, sqlite3_bind_blob64(handle_, ++parameter_, data, size, SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null() {
  check(connection_, sqlite3_bind_null(handle_, ++parameter_));
  return *this;
}

Statement& Statement::bind(Wall wall) {
  if (wall == kNoWall) return bind_null();
  return bind(wall.time_since_epoch().count());
}

Statement& Statement::bind(Elapsed time) {
  if (time == kNoElapsed) return bind_null();
  return bind(time.time_since_epoch().count());
}

bool Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const char* sql = sqlite3_sql(handle_);
  connection_.fail(sqlite3_extended_errcode(connection_.handle()), sql != nullptr ? sql : "step");
}

void Statement::run() {
  const ResetOnExit reset(*this);
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  parameter_ = 0;
  column_ = 0;
}

std::int64_t Statement::integer() {
  return sqlite3_column_int64(handle_, column_++);
}

std::string Statement::text() {
  const auto* data = sqlite3_column_text(handle_, column_);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column_++));
  return data != nullptr ? std::string(reinterpret_cast<const char*>(data), size) : std::string();
}

std::string_view Statement::blob() {
  const void* data = sqlite3_column_blob(handle_, column_);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column_++));
  return data != nullptr ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

Wall Statement::wall() {
  if (is_null()) {
    skip();
    return kNoWall;
  }
  return Wall(Duration(integer()));
}

Elapsed Statement::elapsed() {
  if (is_null()) {
    skip();
    return kNoElapsed;
  }
  return Elapsed(Duration(integer()));
}

}  // namespace bankconnect::store_sqlite
