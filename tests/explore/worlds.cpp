#include "tests/explore/worlds.hpp"

namespace bankconnect::explore {
namespace {

/// Every guard has a side before and one after its limit, and the limits keep their order.
Policy short_spans() {
  Policy policy;
  policy.progress_interval = policy.upload_interval_min = policy.upload_interval_max = kTick;
  policy.safety_interval = policy.stalled_interval = policy.refused_interval = 2 * kTick;
  policy.not_found_grace = kTick;
  policy.follow_for = 2 * kTick;
  policy.stalled_after = kTick;
  policy.processing_timeout = 2 * kTick;
  policy.webhook_grace = policy.hint_spacing = policy.after_expiry = kTick;
  policy.evidence_max_age = Duration::zero();
  policy.backoff_first = policy.backoff_max = 2 * kTick;
  policy.refusal_retries = policy.empty_fetches = policy.reinitiate_limit = 1;
  policy.reinitiate_pause_max = 2 * kTick;
  policy.doubt_for = policy.recheck_interval = kTick;
  policy.doubts_needed = 2;
  policy.after_end_for = kTick;
  policy.reports_patience = kTick;
  return policy;
}

const std::vector kAllCommands = {Trigger::hold, Trigger::release, Trigger::process,
                                  Trigger::poll, Trigger::retry,   Trigger::refresh};

const std::vector kAllFaults = {Trigger::passing_fault,     Trigger::slow_down,     Trigger::account_refused,
                                Trigger::session_not_found, Trigger::not_requested, Trigger::not_completed,
                                Trigger::refused,           Trigger::unparsable,    Trigger::session_deleted,
                                Trigger::key_required};

World world(std::string_view name) {
  World world;
  world.name = name;
  world.policy = short_spans();
  return world;
}

}  // namespace

std::vector<World> worlds() {
  World plain = world("plain");
  World unchanging = world("unchanging");
  unchanging.unchanging = true;
  World expiring = world("expiring");
  expiring.expires = true;
  World odd = world("odd answers");
  odd.odd_answers = true;
  World faults = world("faults");
  faults.faults = {Trigger::passing_fault, Trigger::slow_down, Trigger::account_refused};
  World missing = world("missing");
  missing.faults = {Trigger::session_not_found, Trigger::not_requested, Trigger::not_completed};
  World refused = world("refused");
  refused.faults = {Trigger::refused, Trigger::unparsable, Trigger::session_deleted, Trigger::key_required};
  World commanded = world("commanded");
  commanded.commands = kAllCommands;
  World contested = world("contested");
  contested.commands = kAllCommands;
  contested.faults = {Trigger::passing_fault, Trigger::not_requested};
  contested.large = true;
  World webhooks = world("webhooks");
  webhooks.webhooks = true;
  webhooks.webhook_health = true;
  webhooks.conditions.webhooks = WebhookHealth::healthy;
  World reports = world("reports");
  reports.reports = true;
  reports.commands = {Trigger::poll, Trigger::refresh};
  World hinted_reports = world("hinted reports");
  hinted_reports.reports = true;
  hinted_reports.webhooks = true;
  World settling = world("settling");
  settling.policy.settle = kTick;
  World refreshing = world("refreshing");
  refreshing.commands = {Trigger::refresh};
  refreshing.odd_answers = true;
  refreshing.faults_after_end = kAllFaults;
  World late = world("late webhooks");
  late.webhooks = true;
  late.faults_after_end = kAllFaults;
  World stopping = world("stopping");
  stopping.policy.auto_process = false;
  stopping.policy.expired_sessions = ExpiredSessions::stop;
  stopping.commands = kAllCommands;
  World paused = world("paused");
  paused.conditions.initiate_paused = true;
  paused.commands = kAllCommands;
  return {plain,    unchanging, expiring,       odd,      faults,   missing, refused,    commanded, contested,
          webhooks, reports,    hinted_reports, settling, stopping, paused,  refreshing, late};
}

}  // namespace bankconnect::explore
