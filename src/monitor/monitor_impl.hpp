// The monitor's inside: what its files share.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "bankconnect/monitor.hpp"
#include "src/monitor/file_mark.hpp"
#include "src/monitor/recent.hpp"
#include "src/monitor/session_files.hpp"
#include "src/monitor/webhook_tally.hpp"

namespace bankconnect {

namespace monitor {

/// Something a person should know of.
struct Problem {
  std::string code;
  std::string text;
};

}  // namespace monitor

class Monitor::Impl {
 public:
  Impl(World world, Options options)
      : world_(world),
        options_(std::move(options)),
        counts_(options_.counts),
        started_at_(world_.clock.now().wall),
        tick_(world_.loop),
        webhooks_(world_.log, world_.clock),
        files_(
            {world_.loop, world_.worker, world_.archive, [this](SessionRecord& record) { fill_in_(record); },
             [this](const Result<void>& result) { file_written(result); }},
            options_.status_dir + "/sessions"),
        mark_(files_, world_.archive) {}

  void start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed);
  void stop();
  std::string status_json() const;
  std::string status_line() const;

  void transitioned(const EventRecord& event);
  void answered(const Question& question, const Answer& answer);
  void upstream_condition(const UpstreamCondition& condition);
  void erased(const SessionId& id, State last);
  void log_anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say);

  monitor::WebhookTally& webhooks() {
    dirty_ = true;
    return webhooks_;
  }
  void asked(Duration late) {
    lateness_.add(late);
    ++requests_;
    dirty_ = true;
  }
  monitor::SessionFiles& files() { return files_; }
  std::function<void()> event_told;

 private:
  void tick();
  void ask_facts();
  void look_after_files();
  void write_status();
  void file_written(const Result<void>& result);
  std::vector<monitor::Problem> problems() const;
  std::string_view health() const;
  boost::json::object upstream_object() const;
  boost::json::object store_object() const;
  boost::json::object webhooks_object() const;

  World world_;
  Options options_;
  std::array<std::uint64_t, kAllStates.size()> counts_;
  Wall started_at_;
  boost::asio::steady_timer tick_;
  monitor::WebhookTally webhooks_;
  monitor::SessionFiles files_;
  monitor::FileMark mark_;
  std::function<void(SessionRecord&)> fill_in_;
  std::function<Followed()> followed_;
  monitor::Recent lateness_;
  StoreFacts store_;
  UpstreamCondition condition_;
  std::uint64_t requests_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t requests_at_last_tick_ = 0;
  std::uint64_t last_seq_ = 0;
  double requests_per_second_ = 0;
  bool last_file_written_ = true;
  bool status_written_ = true;
  std::string files_problem_;
  bool dirty_ = true;
  std::optional<std::uint64_t> mark_left_;  ///< in the files of the run before; until they are caught up with
  bool facts_asked_ = false;
  bool stopped_ = false;
  int quiet_ticks_ = 0;
};

}  // namespace bankconnect
