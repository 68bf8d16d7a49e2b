// The log every module may write to: one line an event, fields and not prose.
// Never a secret, a full account number, a name or a body: callers pass codes, counts, ids and durations.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "bankconnect/clock.hpp"

namespace bankconnect {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
std::string_view to_string(LogLevel);
std::optional<LogLevel> parse_log_level(std::string_view text);

/// `automatic` (`auto`): the journal when standard error is connected to it, text on a terminal, JSON
/// otherwise.
enum class LogFormat : std::uint8_t { automatic, journal, json, text };
std::string_view to_string(LogFormat);
std::optional<LogFormat> parse_log_format(std::string_view text);

struct LogField {
  std::string_view key;  ///< lower case with underscores, e.g. `session_id`
  std::variant<std::string_view, std::int64_t> value;
};

class Log {
 public:
  virtual ~Log() = default;
  /// `event` names what happened (`transition`, `call_failed`, …); `message` is for people and may be empty.
  /// Event-loop thread. Waits 50 ms at most for the reader of a pipe or socket; while the reader is behind,
  /// lines are dropped and counted, and one line `lines_not_logged` gives their number once it has caught up.
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

class LineLog : public Log {
 public:
  virtual void set_level(LogLevel level) = 0;
};
/// Writes to standard error or to the journal.
std::unique_ptr<LineLog> make_log(LogFormat format, LogLevel level, const Clock& clock);
/// Writes to any descriptor, for tests; `format` must not be `automatic`.
std::unique_ptr<LineLog> make_log_to(int fd, LogFormat format, LogLevel level, const Clock& clock);

}  // namespace bankconnect
