// The inside of StatusReporter.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>

#include "bankconnect/monitor.hpp"
#include "src/monitor/activity_counters.hpp"
#include "src/monitor/session_files.hpp"
#include "src/monitor/status.hpp"
#include "src/monitor/write_watermark.hpp"

namespace bankconnect {

class StatusReporter::Impl {
 public:
  Impl(Dependencies dependencies, std::string version, std::string status_dir);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(OldFiles old_files);
  void stop();
  monitor::Status status() const;
  bool set_problem(const std::string& code, std::string text);
  void set_certificate_expiry(Wall at);
  monitor::SessionFiles& files() { return files_; }

 private:
  void tick();
  void ask_facts();
  void check_disk();
  void retry_files();
  void write_status();
  void file_written(const Result<void>& result);
  std::uint64_t announced_seq() const;
  std::uint64_t last_event_seq() const;
  std::string status_path() const { return status_dir_ + "/status.json"; }

  Dependencies dependencies_;
  std::string version_;
  std::string status_dir_;
  monitor::Activity& activity_;
  Wall started_at_;
  boost::asio::steady_timer timer_;
  monitor::SessionFiles files_;
  monitor::WriteWatermark watermark_;
  /// Of the run before, until its files are caught up with.
  std::optional<std::uint64_t> previous_watermark_;
  StoreFacts facts_;
  std::optional<std::uint64_t> seq_at_start_;  ///< nothing until the store has answered once
  bool asking_facts_ = false;
  std::uint64_t requests_at_last_tick_ = 0;
  double requests_per_second_ = 0;
  bool last_write_succeeded_ = true;
  bool status_written_ = true;
  std::string files_problem_;
  monitor::Problems problems_;
  Wall certificate_expires_at_ = kNoWall;
  monitor::DiskCondition disk_ = monitor::DiskCondition::answers;
  bool dirty_ = true;
  int quiet_ticks_ = 0;
  bool stopped_ = false;
};

}  // namespace bankconnect
