// The status, rendered from values: status.json and the line for systemd.
#pragma once

#include <map>
#include <string>

#include "bankconnect/follow.hpp"
#include "bankconnect/store.hpp"
#include "src/monitor/activity_counters.hpp"

namespace bankconnect::monitor {

/// By code, what other modules report.
using Problems = std::map<std::string, std::string>;

struct Status {
  const std::string& version;
  Wall started_at = kNoWall;
  Wall now = kNoWall;
  const Activity& activity;
  Followed followed;
  RecentCalls::Summary recent_calls;
  const StoreFacts& store;
  WriteDelay write_delay;
  double requests_per_second = 0;
  std::uint64_t last_event_seq = 0;
  std::uint64_t files_through = 0;
  const std::string& files_problem;  ///< empty while files can be written
  const Problems& problems;
  Wall certificate_expires_at = kNoWall;  ///< of the webhook listener's certificate
};

/// How the database's disk fares, by the writes that wait for it.
enum class DiskCondition : std::uint8_t { answers, slow, hangs };
DiskCondition condition_of(const WriteDelay& delay);

std::string to_json(const Status& status);
std::string to_line(const Status& status);

}  // namespace bankconnect::monitor
