// What a seed determines before a run: its size, the configuration of the daemon, and the probability of each
// fault.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bankconnect/follow.hpp"
#include "tests/simulation/chance.hpp"

namespace bankconnect::simulation {

/// The faults of a run. Each is counted; a fault that never strikes fails the report.
enum class Fault : std::uint8_t {
  request_lost,  ///< the request never arrives
  answer_lost,   ///< the request takes effect, its answer is lost
  answer_slow,   ///< the answer comes after the request's deadline
  server_error,
  slow_down,
  account_refused,
  undocumented_code,
  other_session,  ///< an answer about another session
  unknown_status,
  odd_status,         ///< a status that cannot follow the one before
  odd_progress,       ///< an undocumented progress value
  finished_too_soon,  ///< progress says finished, session status not
  vanished,           ///< SESSION_NOT_FOUND for a session that was there
  key_required,
  request_forgotten,  ///< BankConnect loses an accepted request
  webhook_lost,
  webhook_doubled,
  webhook_late,
  webhook_early,
  webhook_forged,
  webhook_refused,  ///< received and not stored
  daemon_killed,
  commit_lost,     ///< killed before queued writes were committed
  commit_unheard,  ///< killed after a commit, before its answer
  commit_slow,
  disk_full,
  clock_forward,
  clock_back,
  outage,
  // Later ones; runs without them go as they went before these were known.
  cached_answer,           ///< an older answer, with its age
  error_beside_data,       ///< a fetched answer has an error besides
  empty_insights,          ///< insights that list no account yet
  intermediary_refused,    ///< a proxy's 4xx, without an error code
  early_expiry,            ///< EXPIRED without the statements that were listed before
  host_behind,             ///< a host of BankConnect does not know of the request yet
  insights_denied,         ///< `insights_available` is false beside a completed account
  processed_after_expiry,  ///< another client has an expired session processed
  // The latest ones, likewise.
  refreshed,        ///< operators want the data of enriched sessions anew
  refresh_refused,  ///< what was handed out once is refused now
  processed_late,   ///< BankConnect finishes after our clock gave the session up
  copy_put_back,    ///< initiate is paused from the start on, until an operator resumes
  // Likewise, of reports.
  reports_linked,       ///< the insights link to reports that are wanted
  report_fails,         ///< the host of a report cannot answer, or takes minutes to fail
  report_link_expired,  ///< the link is over
  report_impossible     ///< it can never be fetched
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::report_impossible) + 1;
std::string_view to_string(Fault fault);

struct Plan {
  std::uint64_t seed = 0;
  std::uint32_t sessions = 10;
  Duration faulty{0};  ///< how long faults go on
  Policy policy;
  FollowOptions options;
  std::array<std::uint32_t, kFaults> permille{};  ///< probability of each fault when it can occur
  bool webhooks = true;
  std::uint32_t commands = 0;  ///< number of operator commands
  bool one_unserved = false;   ///< the fetches of the first session always fail

  std::uint32_t share(Fault fault) const { return permille[static_cast<std::size_t>(fault)]; }
};

Plan plan_of(std::uint64_t seed);

}  // namespace bankconnect::simulation
