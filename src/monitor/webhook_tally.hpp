// What the monitor knows of webhooks: how many came, and with what result. Written to the log within limits:
// whoever sends thousands a second fills no disk with them.
#pragma once

#include <map>
#include <string>

#include "bankconnect/clock.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect::monitor {

class WebhookTally {
 public:
  /// Lines a second; what is beyond is counted and said in one line.
  static constexpr int kTakenLines = 50;
  static constexpr int kRefusedLines = 5;

  WebhookTally(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  void count(const WebhookSeen& seen);
  void missed(const SessionId& id, News news);
  void health(WebhookHealth health);
  /// Says what was not logged, once the second is over. To be called every second or so.
  void tick();

  /// kNoWall: none was taken since the start.
  Wall last_taken_at() const { return last_taken_at_; }
  /// By result.
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  Log& log_;
  const Clock& clock_;
  std::map<std::string, std::uint64_t> counts_;
  Wall last_taken_at_ = kNoWall;
  Steady second_ = kNoSteady;  ///< when the present second of logging began
  int taken_lines_ = 0;
  int refused_lines_ = 0;
  std::int64_t unlogged_ = 0;
};

}  // namespace bankconnect::monitor
