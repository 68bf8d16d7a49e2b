// What the daemon shows of itself: log lines, counters, status.json and a file per session. It observes and
// decides nothing. In two parts, because the follower needs an observer before it exists and the reporter
// needs the follower. Event-loop thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>

#include "bankconnect/clock.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/ports.hpp"
#include "bankconnect/store.hpp"

namespace bankconnect {

/// Counts and logs what it observes, and passes on what the files are to show.
class ActivityCounters final : public Observer {
 public:
  /// `states`: sessions per state at the start.
  ActivityCounters(Log& log, const Clock& clock, StateCounts states);
  ~ActivityCounters() override;

  /// Called whenever an event was committed.
  void on_event(std::function<void(const EventRecord&)> callback);
  /// Called after every session that was erased.
  void on_erasure(std::function<void(const SessionId& id)> callback);

  void transitioned(const EventRecord& event) override;
  void stored(const SessionRecord& record) override;
  void changed(const SessionId& id) override;
  void erased(const SessionId& id, State last) override;
  void asked(const Question& question, Duration late) override;
  void answered(const Question& question, const Answer& answer) override;
  void report(const SessionId& id, const ReportName& name, const ReportAnswer& answer) override;
  void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) override;
  void upstream_condition(const UpstreamCondition& condition) override;
  void webhook(const WebhookSeen& seen) override;
  void webhook_missed(const SessionId& id, Notification kind) override;
  void webhook_health(WebhookHealth health) override;

  class Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// How far the event log was when an earlier daemon wrote its status.json; nothing where there is none.
LogPosition last_log_position(const std::string& status_dir);

/// What becomes of files of sessions that the store does not know.
enum class OldFiles : std::uint8_t { reconciled, left };

/// Writes status.json and the session files.
class StatusReporter {
 public:
  struct Dependencies {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;  ///< writes the files
    const Clock& clock;
    StoreReader& store;
    Log& log;
    ActivityCounters& counters;
    const Follower& follower;
  };

  StatusReporter(Dependencies dependencies, std::string version, std::string status_dir);
  ~StatusReporter();

  /// Brings the files in line with the store, then keeps them so. Call once recovery has ended.
  void start(OldFiles old_files = OldFiles::reconciled);
  /// Writes status.json a last time, then nothing more. Blocks until the files are written.
  void stop();

  /// No file waits to be written.
  bool idle() const;

  /// The daemon's status, as in status.json.
  std::string status_json() const;
  /// One line for systemd's STATUS=.
  std::string status_line() const;
  /// Shows a problem that the reporter does not see itself, until it is set to an empty text. Returns whether
  /// that changes what is shown.
  bool set_problem(const std::string& code, std::string text);
  /// When the certificate of the webhook listener is over; kNoWall when it has none.
  void set_certificate_expiry(Wall at);
  /// Removes the session's file; `done` when it is gone.
  void remove_file(const SessionId& id, Done<void> done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
