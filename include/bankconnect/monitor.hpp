// What the daemon tells: logs, status.json and a file per session. It watches and never decides.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bankconnect/archive.hpp"
#include "bankconnect/clock.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect {

enum class LogFormat : std::uint8_t { automatic, journal, json, text };
std::optional<LogLevel> log_level_named(std::string_view text);
std::optional<LogFormat> log_format_named(std::string_view text);

/// A log on standard error or to the journal. `automatic`: journal when standard error is the journal, text
/// on a terminal, JSON otherwise.
class LineLog : public Log {
 public:
  virtual void set_level(LogLevel level) = 0;
};
std::unique_ptr<LineLog> make_log(LogFormat format, LogLevel level, const Clock& clock);
/// The same to any descriptor, for tests; `format` must not be `automatic`.
std::unique_ptr<LineLog> make_log_to(int fd, LogFormat format, LogLevel level, const Clock& clock);

class Monitor final : public Observer {
 public:
  struct World {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;  ///< writes the files
    const Clock& clock;
    Archive& archive;
    Log& log;
  };
  struct Options {
    std::string version;
    std::string status_dir;
    std::array<std::uint64_t, kAllStates.size()> counts{};  ///< sessions per state at start
  };

  Monitor(World world, Options options);
  ~Monitor() override;

  /// `fill_in` adds to a record what only memory knows; `followed` says what is being done.
  void start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed);
  /// Writes status.json a last time, then nothing more. Blocks until the files are written.
  void stop();

  /// No file is waiting to be written.
  bool idle() const;

  /// The daemon's status, as in status.json.
  std::string status_json() const;
  /// One line for systemd's STATUS=.
  std::string status_line() const;
  /// Called whenever an event is on disk.
  void on_event(std::function<void()> told);
  /// Removes the session's file; `done` when it is gone.
  void remove_file(const SessionId& id, std::function<void(Result<void>)> done);

  void transitioned(const EventRecord& event) override;
  void changed(const SessionId& id) override;
  void erased(const SessionId& id, State last) override;
  void asked(const Question& question, Duration late) override;
  void answered(const Question& question, const Answer& answer) override;
  void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) override;
  void upstream_condition(const UpstreamCondition& condition) override;
  void webhook(const WebhookSeen& seen) override;
  void webhook_missed(const SessionId& id, News news) override;
  void webhook_health(WebhookHealth health) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
