// Log lines: fields, in the three formats.
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "bankconnect/monitor.hpp"
#include "bankconnect/view.hpp"

namespace bankconnect {
namespace {

namespace json = boost::json;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "";
}

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
  const auto text = std::get<std::string_view>(field.value);
  return json::string(json::string_view(text.data(), text.size()));
}

bool empty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

/// A value in `key=value`: plain where it can be, else quoted as JSON, so that no value can fake a line.
std::string plain(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  const auto text = std::get<std::string_view>(field.value);
  constexpr std::string_view kUnquoted =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/+,@%";
  if (text.find_first_not_of(kUnquoted) == std::string_view::npos) return std::string(text);
  return json::serialize(json::string(json::string_view(text.data(), text.size())));
}

using Fields = std::initializer_list<LogField>;

std::string text_of(std::string_view event, std::string_view message, Fields fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    if (!empty(field)) line += " " + std::string(field.key) + "=" + plain(field);
  }
  if (!message.empty())
    line += " " + json::serialize(json::string(json::string_view(message.data(), message.size())));
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

/// Lines to a descriptor, one write each, so that two processes do not mix theirs.
class DescriptorLog final : public FilteringLog {
 public:
  DescriptorLog(int fd, bool as_json, LogLevel level, const Clock& clock)
      : FilteringLog(level), fd_(fd), as_json_(as_json), clock_(clock) {}

 private:
  void put(LogLevel level, std::string_view event, std::string_view message, Fields fields) override {
    const std::string at = rfc3339(clock_.now().wall);
    std::string line;
    if (as_json_) {
      json::object out;
      out["time"] = at;
      out["level"] = std::string(level_name(level));
      out["event"] = std::string(event);
      for (const LogField& field : fields) {
        if (!empty(field)) out[json::string_view(field.key.data(), field.key.size())] = value_of(field);
      }
      if (!message.empty()) out["message"] = std::string(message);
      line = json::serialize(out) + "\n";
    } else {
      line = at + " " + std::string(level_name(level)) + " " + text_of(event, message, fields) + "\n";
    }
    std::string_view rest = line;
    while (!rest.empty()) {
      const ssize_t written = ::write(fd_, rest.data(), rest.size());
      if (written <= 0) return;  // nobody listens; there is nowhere to say so
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  int fd_;
  bool as_json_;
  const Clock& clock_;
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

/// systemd says in $JOURNAL_STREAM which device and inode standard error is connected to.
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

}  // namespace

std::optional<LogLevel> log_level_named(std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (level_name(level) == text) return level;
  }
  return std::nullopt;
}

std::optional<LogFormat> log_format_named(std::string_view text) {
  if (text == "auto") return LogFormat::automatic;
  if (text == "journal") return LogFormat::journal;
  if (text == "json") return LogFormat::json;
  if (text == "text") return LogFormat::text;
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
