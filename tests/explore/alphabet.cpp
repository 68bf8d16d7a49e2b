#include "tests/explore/alphabet.hpp"

namespace bankconnect::explore {
namespace {

Event event_of(Trigger trigger) {
  Event event;
  event.trigger = trigger;
  return event;
}

/// From the first answer that has it.
constexpr Duration kExpires = kTick;

Event upload(const World& world, const Situation& situation, UploadStatus status, std::uint32_t statements) {
  Event event = event_of(trigger_of(status));
  event.upload.status = status;
  event.upload.accounts = event.upload.statements = event.upload.fingerprint = statements;
  const Wall known = situation.session.durable.expires_at;
  if (world.expires) event.upload.expires_at = known == kNoWall ? kNow.wall + kExpires : known;
  return event;
}

void add_upload_answers(const World& world, const Situation& situation, std::vector<Event>& out) {
  if (world.unchanging && situation.session.durable.upload_status != UploadStatus::not_reported) {
    const UploadStatus status = situation.session.durable.upload_status;
    return out.push_back(upload(world, situation, status, situation.session.durable.statements));
  }
  out.push_back(upload(world, situation, UploadStatus::no_uploads, 0));
  out.push_back(upload(world, situation, UploadStatus::in_progress, 1));
  out.push_back(upload(world, situation, UploadStatus::completed, 1));
  out.push_back(upload(world, situation, UploadStatus::expired, 0));
  out.push_back(upload(world, situation, UploadStatus::expired, 1));
  if (world.odd_answers) out.push_back(upload(world, situation, UploadStatus::unknown, 1));
}

Event session_status(std::uint32_t failed, InsightsAvailable available, bool error_beside_data = false) {
  Event event = event_of(Trigger::session_status_fetched);
  event.processing = {1, failed, available};
  event.error_beside_data = error_beside_data;
  return event;
}

void add_session_status_answers(bool odd, std::vector<Event>& out) {
  out.push_back(session_status(0, InsightsAvailable::yes));
  out.push_back(session_status(1, InsightsAvailable::no));
  Event some_failed = session_status(1, InsightsAvailable::yes);
  some_failed.processing.accounts = 2;
  out.push_back(some_failed);
  if (!odd) return;
  out.push_back(session_status(0, InsightsAvailable::no));
  out.push_back(session_status(0, InsightsAvailable::yes, true));
}

void add_insights_answers(bool reports, bool odd, std::vector<Event>& out) {
  Event event = event_of(Trigger::insights_fetched);
  out.push_back(event);
  if (reports) {
    event.links_reports = true;
    out.push_back(event);
    event.links_reports = false;
  }
  if (!odd) return;
  event.error_beside_data = true;
  out.push_back(event);
  event.error_beside_data = false;
  event.lists_no_account = true;
  out.push_back(event);
}

void add_faults(const std::vector<Trigger>& faults, Call call, std::vector<Event>& out) {
  for (const Trigger fault : faults) {
    out.push_back(event_of(fault));
    if (fault != Trigger::passing_fault || call != Call::initiate) continue;
    out.push_back(event_of(fault));
    out.back().may_have_arrived = false;
  }
}

void add_triggers(std::initializer_list<Trigger> triggers, std::vector<Event>& out) {
  for (const Trigger trigger : triggers)
    out.push_back(event_of(trigger));
}

}  // namespace

std::vector<Event> events_now(const World& world, const Situation& situation) {
  const Session& session = situation.session;
  std::vector<Event> out;
  if (!situation.in_flight && has_calls(session.durable)) {
    if (session.in_memory.due <= kNow.steady) add_triggers({Trigger::due}, out);
    if (!world.unchanging) add_triggers({Trigger::upstream_back, Trigger::probe}, out);
  }
  if (world.webhooks) {
    if (world.webhook_health) add_triggers({Trigger::webhook_health_changed}, out);
    for (const Notification kind : {Notification::completion, Notification::enrichment}) {
      out.push_back(event_of(Trigger::hint));
      out.back().hinted = bit(kind);
    }
  }
  for (const Trigger command : world.commands)
    out.push_back(event_of(command));
  if (situation.conditions.initiate_paused) add_triggers({Trigger::resumed}, out);
  if (awaits_reports(session.durable))
    add_triggers({Trigger::reports_fetched, Trigger::reports_missing, Trigger::report_link_expired}, out);
  return out;
}

std::vector<Event> answers(const World& world, const Situation& situation) {
  std::vector<Event> out;
  if (!situation.in_flight) return out;
  const Call call = *situation.in_flight;
  const bool odd = world.odd_answers || situation.session.durable.final;
  switch (call) {
    case Call::upload_status: add_upload_answers(world, situation, out); break;
    case Call::initiate:
      add_triggers({Trigger::accepted, Trigger::duplicate}, out);
      if (!world.unchanging) add_triggers({Trigger::not_sent}, out);
      break;
    case Call::progress:
      add_triggers({Trigger::still_processing}, out);
      if (!world.unchanging) add_triggers({Trigger::progress_finished}, out);
      if (odd) add_triggers({Trigger::progress_unknown}, out);
      break;
    case Call::session_status: add_session_status_answers(odd, out); break;
    case Call::insights: add_insights_answers(world.reports, odd, out); break;
  }
  add_faults(world.faults, call, out);
  if (situation.session.durable.final) add_faults(world.faults_after_end, call, out);
  for (Event& event : out)
    event.call = call;
  return out;
}

}  // namespace bankconnect::explore
