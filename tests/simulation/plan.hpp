// What a seed decides before anything happens: how large the run is, what the daemon is configured to, and
// which faults there are, how often.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bankconnect/follow.hpp"
#include "tests/simulation/chance.hpp"

namespace bankconnect::simulation {

/// Everything that can go wrong in a run. Each is counted; one that never strikes fails the report.
enum class Fault : std::uint8_t {
  request_lost,  ///< it never arrives
  answer_lost,   ///< it arrives and takes effect, and nobody hears of it
  answer_slow,   ///< … after the request's deadline
  server_error,
  slow_down,
  account_refused,
  undocumented_code,
  other_session,  ///< an answer about another session
  unknown_status,
  odd_status,         ///< a status that cannot follow the one before
  odd_progress,       ///< a progress nobody documented
  finished_too_soon,  ///< progress says so, and session status says it is not
  vanished,           ///< SESSION_NOT_FOUND for a session that was there
  key_required,
  request_forgotten,  ///< BankConnect loses an accepted request
  webhook_lost,
  webhook_doubled,
  webhook_late,
  webhook_early,
  webhook_forged,
  webhook_refused,  ///< it came and could not be stored
  daemon_killed,
  commit_lost,     ///< killed with writes that were queued and not committed
  commit_unheard,  ///< killed with a commit done and nobody told
  commit_slow,
  disk_full,
  clock_forward,
  clock_back,
  outage
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::outage) + 1;
std::string_view name(Fault fault);

struct Plan {
  std::uint64_t seed = 0;
  std::uint32_t sessions = 10;
  Duration faulty{0};  ///< how long faults go on
  Policy policy;
  FollowLimits limits;
  std::array<std::uint32_t, kFaults> permille{};  ///< of the occasions a fault has
  bool webhooks = true;
  std::uint32_t commands = 0;  ///< of operators, in all
  bool one_unserved = false;   ///< the first session's fetches fail, as long as there is one

  std::uint32_t share(Fault fault) const { return permille[static_cast<std::size_t>(fault)]; }
};

Plan plan_of(std::uint64_t seed);

}  // namespace bankconnect::simulation
