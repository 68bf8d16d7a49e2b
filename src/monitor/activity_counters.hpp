// The counters of ActivityCounters, for the status to show.
#pragma once

#include <functional>

#include "bankconnect/monitor.hpp"
#include "src/monitor/recent_calls.hpp"
#include "src/monitor/recent_samples.hpp"
#include "src/monitor/session_files.hpp"
#include "src/monitor/webhook_stats.hpp"

namespace bankconnect {

namespace monitor {

struct Activity {
  Activity(Log& log, const Clock& clock, StateCounts states) : sessions(states), webhooks(log, clock) {}

  StateCounts sessions;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::uint64_t last_event_seq = 0;  ///< 0 before the first event of this run
  UpstreamCondition upstream;
  RecentSamples lateness;
  RecentCalls recent_calls;
  WebhookStats webhooks;
  bool changed = false;  ///< since the status was last written
  /// The oldest live session by the store's latest facts, until it ends: the next facts name another one.
  std::optional<SessionId> oldest_live;

  void ended(const SessionId& id) {
    if (oldest_live == id) oldest_live.reset();
  }
};

}  // namespace monitor

class ActivityCounters::Impl {
 public:
  Impl(Log& log_, const Clock& clock_, StateCounts states)
      : log(log_), clock(clock_), activity(log_, clock_, states) {}

  Log& log;
  const Clock& clock;
  monitor::Activity activity;
  monitor::SessionFiles* files = nullptr;  ///< those of the reporter, while there is one
  std::function<void(const EventRecord&)> event_committed;
  std::function<void(const SessionId&)> session_erased;
};

}  // namespace bankconnect
