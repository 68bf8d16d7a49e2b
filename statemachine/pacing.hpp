// How long to wait: small functions of values.
#pragma once

#include <cstdint>

#include "statemachine/policy.hpp"

namespace bankconnect {

/// How often progress is asked for, start to start: `polling.progress_interval`, every 30 s once stalled, and
/// only as a safety net (`polling.safety_interval`) while webhooks are healthy.
Duration progress_interval(const Policy& policy, Conditions conditions, bool stalled);

/// The shortest time between two upload-status questions of a session.
Duration upload_interval_min(const Policy& policy, Conditions conditions);

/// The next interval of upload polling: grows by half with every answer that changes nothing, up to
/// `polling.upload_interval_max`; a change starts over at the minimum. `present` is zero before the first
/// answer.
Duration next_upload_interval(const Policy& policy, Conditions conditions, Duration present, bool changed);

/// The interval full polling would have reached this long after the last change: growing by half from the
/// minimum m, the intervals add up to an age a when the next one is m + a/2.
Duration upload_interval_at_age(const Policy& policy, Duration age);

/// Whether a hint is so young that BankConnect's answers may still lag behind it.
bool hint_fresh(const Policy& policy, Steady hinted_at, Steady now);

/// How long to wait after the `attempts`-th failure in a row (1, 2, …): doubles from `backoff_first` up to
/// `backoff_max`, then scaled down to between half and all of it by `jitter`, so that sessions that failed
/// together do not come back together.
Duration backoff(const Policy& policy, std::uint32_t attempts, std::uint32_t jitter);

/// The same up to `longest`.
Duration backoff_up_to(Duration first, Duration longest, std::uint32_t attempts, std::uint32_t jitter);

/// `whole` scaled by a random number that is uniform over all its values.
Duration fraction(Duration whole, std::uint32_t random);

}  // namespace bankconnect
