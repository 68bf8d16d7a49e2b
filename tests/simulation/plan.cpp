#include "tests/simulation/plan.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::request_lost: return "request_lost";
    case Fault::answer_lost: return "answer_lost";
    case Fault::answer_slow: return "answer_slow";
    case Fault::server_error: return "server_error";
    case Fault::slow_down: return "slow_down";
    case Fault::account_refused: return "account_refused";
    case Fault::undocumented_code: return "undocumented_code";
    case Fault::other_session: return "other_session";
    case Fault::unknown_status: return "unknown_status";
    case Fault::odd_status: return "odd_status";
    case Fault::odd_progress: return "odd_progress";
    case Fault::finished_too_soon: return "finished_too_soon";
    case Fault::vanished: return "vanished";
    case Fault::key_required: return "key_required";
    case Fault::request_forgotten: return "request_forgotten";
    case Fault::webhook_lost: return "webhook_lost";
    case Fault::webhook_doubled: return "webhook_doubled";
    case Fault::webhook_late: return "webhook_late";
    case Fault::webhook_early: return "webhook_early";
    case Fault::webhook_forged: return "webhook_forged";
    case Fault::webhook_refused: return "webhook_refused";
    case Fault::daemon_killed: return "daemon_killed";
    case Fault::commit_lost: return "commit_lost";
    case Fault::commit_unheard: return "commit_unheard";
    case Fault::commit_slow: return "commit_slow";
    case Fault::disk_full: return "disk_full";
    case Fault::clock_forward: return "clock_forward";
    case Fault::clock_back: return "clock_back";
    case Fault::outage: return "outage";
    case Fault::cached_answer: return "cached_answer";
    case Fault::error_beside_data: return "error_beside_data";
    case Fault::empty_insights: return "empty_insights";
    case Fault::intermediary_refused: return "intermediary_refused";
    case Fault::early_expiry: return "early_expiry";
    case Fault::host_behind: return "host_behind";
    case Fault::insights_denied: return "insights_denied";
    case Fault::processed_after_expiry: return "processed_after_expiry";
    case Fault::refreshed: return "refreshed";
    case Fault::refresh_refused: return "refresh_refused";
    case Fault::processed_late: return "processed_late";
    case Fault::copy_put_back: return "copy_put_back";
    case Fault::reports_linked: return "reports_linked";
    case Fault::report_fails: return "report_fails";
    case Fault::report_link_expired: return "report_link_expired";
    case Fault::report_impossible: return "report_impossible";
  }
  return "";
}

namespace {

// Chosen so that no kept seed has faults that were not known when it was kept.
constexpr std::uint64_t kLaterFaults = 206;
constexpr std::uint64_t kLatestFaults = 1206;
constexpr std::uint64_t kRestores = 2206;
constexpr std::uint64_t kReportFaults = 3206;

/// Gives the run some of the faults from `first` to `last`, or none, from a source of their own. `most`: the
/// largest permille.
void choose_later(Plan& plan, Fault first, Fault last, std::uint64_t source, Duration most) {
  Chance later(plan.seed + source);
  if (later.below(2) == 0) return;
  for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(last); ++i)
    if (later.below(2) == 0) plan.permille[i] = static_cast<std::uint32_t>(1 + later.skewed(most).count());
}

/// In a quarter of the runs, of which no kept seed is one. Few sessions come so far, so shares are large.
void choose_reports(Plan& plan) {
  if (plan.seed % 8 < 6) return;
  Chance chance(plan.seed + kReportFaults);
  plan.options.report_formats = {ReportFormat::xlsx, ReportFormat::xml};
  plan.policy.reports_patience = chance.between(1min, 20min);
  plan.permille[static_cast<std::size_t>(Fault::reports_linked)] =
      static_cast<std::uint32_t>(500 + chance.below(500));
  for (const Fault fault : {Fault::report_fails, Fault::report_link_expired, Fault::report_impossible})
    plan.permille[static_cast<std::size_t>(fault)] =
        chance.below(2) == 0 ? 0 : static_cast<std::uint32_t>(1 + chance.below(500));
}

/// Most runs have some of the faults, some runs all or none: a fault that is always present hides others.
void choose_faults(Plan& plan, Chance& chance) {
  const std::uint64_t mood = chance.below(8);
  const auto first_later = static_cast<std::size_t>(Fault::cached_answer);
  for (std::size_t i = 0; i < first_later; ++i) {
    const bool there = mood == 0 ? false : mood == 1 ? true : chance.below(3) == 0;
    if (there) plan.permille[i] = static_cast<std::uint32_t>(1 + chance.skewed(400ms).count());
  }
  if (mood == 0) return;
  choose_later(plan, Fault::cached_answer, Fault::processed_after_expiry, kLaterFaults, 400ms);
  choose_later(plan, Fault::refreshed, Fault::processed_late, kLatestFaults, 999ms);
  choose_reports(plan);
  if (plan.seed % 8 == 3) choose_later(plan, Fault::copy_put_back, Fault::copy_put_back, kRestores, 999ms);
}

void choose_policy(Policy& policy, FollowOptions& options, Chance& chance) {
  if (chance.below(4) == 0) return;  // the defaults
  policy.progress_interval = chance.between(500ms, 30s);
  policy.upload_interval_min = chance.between(1s, 30s);
  policy.upload_interval_max = policy.upload_interval_min + chance.skewed(600s);
  policy.safety_interval = chance.between(10s, 120s);
  policy.not_found_grace = chance.between(10s, 3600s);
  policy.follow_for = chance.between(1h, 72h);
  policy.stalled_after = chance.between(30s, 1800s);
  policy.processing_timeout = policy.stalled_after + chance.between(10min, 24h);
  policy.settle = chance.below(3) == 0 ? chance.between(1s, 60s) : 0s;
  policy.webhook_grace = chance.between(1s, 30s);
  policy.auto_process = chance.below(8) != 0;
  if (chance.below(4) == 0) policy.expired_sessions = ExpiredSessions::stop;
  if (chance.below(4) == 0) options.unknown_sessions = UnknownSessions::ignore;
}

}  // namespace

Plan plan_of(std::uint64_t seed) {
  Chance chance(seed);
  Plan plan;
  plan.seed = seed;
  plan.sessions = static_cast<std::uint32_t>(1 + chance.below(12));
  if (chance.below(64) == 0) plan.sessions = 120;
  plan.faulty = chance.skewed(48h);
  choose_policy(plan.policy, plan.options, chance);
  plan.options.max_in_flight = static_cast<std::uint32_t>(1 + chance.below(8));
  plan.options.max_requests_per_second =
      chance.below(2) == 0 ? 0 : static_cast<std::uint32_t>(2 + chance.below(100));
  plan.webhooks = chance.below(4) != 0;
  plan.options.webhooks = plan.webhooks;
  plan.commands = static_cast<std::uint32_t>(chance.below(2) == 0 ? 0 : chance.below(20));
  choose_faults(plan, chance);
  plan.one_unserved = seed % 16 == 5;  // not random, so that the runs of the kept seeds do not change
  return plan;
}

}  // namespace bankconnect::simulation
