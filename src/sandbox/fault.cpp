#include "src/sandbox/fault.hpp"

#include <algorithm>

namespace bankconnect::sandbox {

bool takes_effect_by_default(FaultKind kind) {
  switch (kind) {
    case FaultKind::status:
    case FaultKind::drop:
    case FaultKind::reset:
    case FaultKind::html:
    case FaultKind::redirect: return false;
    case FaultKind::slow:
    case FaultKind::drop_after:
    case FaultKind::truncated:
    case FaultKind::bad_json:
    case FaultKind::wrong_session:
    case FaultKind::stall:
    case FaultKind::oversize:
    case FaultKind::slow_body:
    case FaultKind::informational:
    case FaultKind::close:
    case FaultKind::chunked:
    case FaultKind::cached:
    case FaultKind::beside_data:
    case FaultKind::no_accounts:
    case FaultKind::not_strict:
    case FaultKind::gzip:
    case FaultKind::expired_early:
    case FaultKind::insights_denied: return true;
  }
  return true;
}

bool matches(const FaultTrigger& trigger, Call call, int count, int count_of_all, Duration age) {
  if (trigger.call && *trigger.call != call) return false;
  if (age < trigger.from || (trigger.until && age >= *trigger.until)) return false;
  const int n = trigger.call ? count : count_of_all;
  if (trigger.first > 0) return n <= trigger.first;
  if (trigger.every > 0) return n % trigger.every == 0;
  if (!trigger.nth.empty()) return std::find(trigger.nth.begin(), trigger.nth.end(), n) != trigger.nth.end();
  return true;
}

}  // namespace bankconnect::sandbox
