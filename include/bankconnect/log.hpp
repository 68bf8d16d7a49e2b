// The log every room may write to: one line an event, fields and not prose.
// Never a secret, a full account number, a name or a body: callers pass codes, counts, ids and durations.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace bankconnect {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view key;  ///< lower case with underscores, e.g. `session_id`
  std::variant<std::string_view, std::int64_t> value;
};

class Log {
 public:
  virtual ~Log() = default;
  /// `event` names what happened (`transition`, `call_failed`, …); `message` is for people and may be empty.
  /// Event-loop thread. Waits 50 ms at most for the reader of a pipe or socket; while he is behind, lines are
  /// dropped and counted, and a line `lines_not_logged` says so when he takes some again.
  virtual void write(LogLevel level, std::string_view event, std::string_view message,
                     std::initializer_list<LogField> fields) = 0;

  void info(std::string_view event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, event, message, fields);
  }
  void warning(std::string_view event, std::string_view message,
               std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, event, message, fields);
  }
  void error(std::string_view event, std::string_view message, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, event, message, fields);
  }
};

}  // namespace bankconnect
