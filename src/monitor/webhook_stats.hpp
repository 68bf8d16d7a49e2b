// How many webhooks came, and with what result. The lines logged about them are limited per second, so that a
// flood of webhooks cannot fill the disk.
#pragma once

#include <map>
#include <string>

#include "bankconnect/clock.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect::monitor {

class WebhookStats {
 public:
  /// Lines a second; webhooks beyond that are counted, and their number is logged in one line.
  static constexpr int kAcceptedLines = 50;
  static constexpr int kRefusedLines = 5;

  WebhookStats(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  void count(const WebhookSeen& seen);
  void missed(const SessionId& id, Notification kind);
  void health(WebhookHealth health);
  /// Logs how many lines were left out, once the second is over. To be called about every second.
  void tick();

  /// Of the last webhook that was not refused; kNoWall when none came since the start.
  Wall last_received_at() const { return last_received_at_; }
  /// By result.
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  Log& log_;
  const Clock& clock_;
  std::map<std::string, std::uint64_t> counts_;
  Wall last_received_at_ = kNoWall;
  Steady second_ = kNoSteady;  ///< when the present second of logging began
  int accepted_lines_ = 0;
  int refused_lines_ = 0;
  std::int64_t unlogged_ = 0;
};

}  // namespace bankconnect::monitor
