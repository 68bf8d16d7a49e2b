// Log lines in three formats: text, JSON and journal entries.
#include "bankconnect/log.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <string>
#include <vector>

#include "bankconnect/view.hpp"

namespace bankconnect {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

int priority(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return 7;
    case LogLevel::info: return 6;
    case LogLevel::warning: return 4;
    case LogLevel::error: return 3;
  }
  return 6;
}

json::value value_of(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return *number;
  return json::string(std::get<std::string_view>(field.value));
}

bool empty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

/// A value in `key=value`: unquoted when it consists of harmless characters only, else quoted as JSON, so
/// that no value can forge a field or a line.
std::string plain(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  const auto text = std::get<std::string_view>(field.value);
  constexpr std::string_view kUnquoted =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/+,@%";
  if (text.find_first_not_of(kUnquoted) == std::string_view::npos) return std::string(text);
  return json::serialize(json::string(text));
}

using Fields = std::initializer_list<LogField>;

std::string text_of(std::string_view event, std::string_view message, Fields fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    if (!empty(field)) line.append(" ").append(field.key).append("=").append(plain(field));
  }
  if (!message.empty()) line.append(" ").append(json::serialize(json::string(message)));
  return line;
}

class FilteringLog : public LineLog {
 public:
  explicit FilteringLog(LogLevel level) : level_(level) {}
  void set_level(LogLevel level) override { level_ = level; }
  void write(LogLevel level, std::string_view event, std::string_view message, Fields fields) final {
    if (level >= level_) put(level, event, message, fields);
  }

 protected:
  virtual void put(LogLevel level, std::string_view event, std::string_view message, Fields fields) = 0;

 private:
  LogLevel level_;
};

/// How long the event loop waits for a reader that is behind.
constexpr auto kReaderTimeout = std::chrono::milliseconds(50);

/// A pipe or a socket: it accepts more only when the process at the other end reads.
bool has_a_reader(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

/// Writes lines to a descriptor, each with one write() when it fits, so that the lines of two processes do
/// not mix. When the reader stalls, lines are dropped and counted, and the daemon goes on.
class DescriptorLog final : public FilteringLog {
 public:
  DescriptorLog(int fd, bool as_json, LogLevel level, const Clock& clock)
      : FilteringLog(level), fd_(fd), as_json_(as_json), clock_(clock), has_a_reader_(has_a_reader(fd)) {}

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  void put(LogLevel level, std::string_view event, std::string_view message, Fields fields) override {
    const bool behind = unlogged_ > 0 || !rest_.empty();
    const Deadline give_up = std::chrono::steady_clock::now() + (behind ? 0ms : kReaderTimeout);
    rest_.erase(0, written(rest_, give_up));
    if (unlogged_ > 0 && begin(line_of(LogLevel::warning, "lines_not_logged", "the log's reader was behind",
                                       {{"count", unlogged_}}),
                               give_up)) {
      unlogged_ = 0;
    }
    if (unlogged_ > 0 || !begin(line_of(level, event, message, fields), give_up)) ++unlogged_;
  }

  std::string line_of(LogLevel level, std::string_view event, std::string_view message, Fields fields) const {
    const std::string at = rfc3339(clock_.now().wall);
    if (!as_json_)
      return at + " " + std::string(to_string(level)) + " " + text_of(event, message, fields) + "\n";
    json::object out;
    out["time"] = at;
    out["level"] = std::string(to_string(level));
    out["event"] = std::string(event);
    for (const LogField& field : fields) {
      if (!empty(field)) out[field.key] = value_of(field);
    }
    if (!message.empty()) out["message"] = std::string(message);
    return json::serialize(out) + "\n";
  }

  /// False when no byte of the line could be written. A line that was begun is completed before the next.
  bool begin(std::string line, Deadline give_up) {
    if (!rest_.empty()) return false;
    const std::size_t size = written(line, give_up);
    if (size == 0) return false;
    line.erase(0, size);
    rest_ = std::move(line);
    return true;
  }

  /// How much of `text` was written.
  std::size_t written(std::string_view text, Deadline give_up) const {
    std::size_t size = 0;
    while (size < text.size()) {
      if (has_a_reader_ && !accepts_more(give_up)) return size;
      // POLLOUT promises that a write of PIPE_BUF bytes does not block.
      const std::string_view piece = text.substr(size, has_a_reader_ ? PIPE_BUF : std::string_view::npos);
      const ssize_t taken = ::write(fd_, piece.data(), piece.size());
      if (taken > 0) size += static_cast<std::size_t>(taken);
      if (taken < 0 && errno == EINTR) continue;
      if (taken < 0 && errno == EAGAIN && has_a_reader_) return size;
      if (taken <= 0) return text.size();  // the reader is gone, and the log was the place to report it
    }
    return size;
  }

  bool accepts_more(Deadline give_up) const {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
      pollfd entry{fd_, POLLOUT, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(std::max(left, 0ms).count()));
      if (ready >= 0 || errno != EINTR) return ready != 0;  // an error shows when writing
    }
  }

  int fd_;
  bool as_json_;
  const Clock& clock_;
  bool has_a_reader_;
  std::string rest_;           ///< of a line that was begun
  std::int64_t unlogged_ = 0;  ///< lines dropped
};

class JournalLog final : public FilteringLog {
 public:
  explicit JournalLog(LogLevel level) : FilteringLog(level) {}

 private:
  void put(LogLevel level, std::string_view event, std::string_view message, Fields fields) override {
    std::vector<std::string> entries = {
        "MESSAGE=" + text_of(event, message, fields), "PRIORITY=" + std::to_string(priority(level)),
        "SYSLOG_IDENTIFIER=bankconnectd", "BANKCONNECT_EVENT=" + std::string(event)};
    for (const LogField& field : fields) {
      if (empty(field)) continue;
      std::string name = "BANKCONNECT_";
      for (const char c : field.key)
        name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
      const auto* text = std::get_if<std::string_view>(&field.value);
      entries.push_back(
          name + "=" +
          (text != nullptr ? std::string(*text) : std::to_string(std::get<std::int64_t>(field.value))));
    }
    std::vector<iovec> parts;
    parts.reserve(entries.size());
    for (std::string& entry : entries)
      parts.push_back({entry.data(), entry.size()});
    sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
  }
};

/// systemd sets $JOURNAL_STREAM to the device and inode that standard error is connected to.
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "";
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (to_string(level) == text) return level;
  }
  return std::nullopt;
}

std::string_view to_string(LogFormat format) {
  switch (format) {
    case LogFormat::automatic: return "auto";
    case LogFormat::journal: return "journal";
    case LogFormat::json: return "json";
    case LogFormat::text: return "text";
  }
  return "";
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
  for (const LogFormat format :
       {LogFormat::automatic, LogFormat::journal, LogFormat::json, LogFormat::text}) {
    if (to_string(format) == text) return format;
  }
  return std::nullopt;
}

std::unique_ptr<LineLog> make_log_to(int fd, LogFormat format, LogLevel level, const Clock& clock) {
  return std::make_unique<DescriptorLog>(fd, format == LogFormat::json, level, clock);
}

std::unique_ptr<LineLog> make_log(LogFormat format, LogLevel level, const Clock& clock) {
  if (format == LogFormat::automatic) {
    format = stderr_is_the_journal()        ? LogFormat::journal
             : ::isatty(STDERR_FILENO) == 1 ? LogFormat::text
                                            : LogFormat::json;
  }
  if (format == LogFormat::journal) return std::make_unique<JournalLog>(level);
  return make_log_to(STDERR_FILENO, format, level, clock);
}

}  // namespace bankconnect
