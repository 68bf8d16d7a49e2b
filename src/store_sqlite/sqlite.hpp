// SQLite in RAII: a connection, prepared statements, and errors as exceptions that end in the store's thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "statemachine/moment.hpp"

namespace bankconnect::store_sqlite {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  /// The extended result code.
  int code() const { return code_; }
  /// No space on the disk: transient.
  bool disk_full() const { return (code_ & 0xff) == SQLITE_FULL; }
  /// Another process holds the database: transient, too.
  bool busy() const { return (code_ & 0xff) == SQLITE_BUSY; }

 private:
  int code_;
};

class Connection {
 public:
  Connection(const std::string& path, int flags);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void execute(const char* sql);
  std::int64_t integer(const char* sql);
  std::int64_t last_rowid() const { return sqlite3_last_insert_rowid(handle_); }
  int changes() const { return sqlite3_changes(handle_); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  sqlite3* handle() const { return handle_; }
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  sqlite3* handle_ = nullptr;
};

/// A prepared statement. Bind in order, step, read columns in order; `reset` before it is used again.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_blob(const void* data, std::size_t size);
  Statement& bind_null();
  /// kNoWall is NULL.
  Statement& bind(Wall wall);
  /// kNoElapsed is NULL.
  Statement& bind(Elapsed time);

  /// True while there is a row to read.
  bool step();
  /// For statements that return no rows: steps and resets.
  void run();
  void reset();

  std::int64_t integer();
  std::string text();
  std::string_view blob();  ///< valid until the next step or reset
  Wall wall();
  Elapsed elapsed();
  bool is_null() const { return sqlite3_column_type(handle_, column_) == SQLITE_NULL; }
  void skip() { ++column_; }

 private:
  Connection& connection_;
  sqlite3_stmt* handle_ = nullptr;
  int parameter_ = 0;
  int column_ = 0;
};

/// Resets a statement when a scope ends, whichever way, so that no read transaction stays open.
class ResetOnExit {
 public:
  explicit ResetOnExit(Statement& statement) : statement_(statement) {}
  ~ResetOnExit() { statement_.reset(); }
  ResetOnExit(const ResetOnExit&) = delete;
  ResetOnExit& operator=(const ResetOnExit&) = delete;

 private:
  Statement& statement_;
};

}  // namespace bankconnect::store_sqlite
