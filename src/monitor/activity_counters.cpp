// Counts and logs; passes changes of sessions on to their files.
#include "src/monitor/activity_counters.hpp"

#include <utility>

#include "statemachine/why.hpp"

namespace bankconnect {

using Kind = UpstreamCondition::Kind;

ActivityCounters::ActivityCounters(Log& log, const Clock& clock, StateCounts states)
    : impl_(std::make_unique<Impl>(log, clock, states)) {}

ActivityCounters::~ActivityCounters() = default;

void ActivityCounters::on_event(std::function<void(const EventRecord&)> callback) {
  impl_->event_committed = std::move(callback);
}

void ActivityCounters::on_erasure(std::function<void(const SessionId&)> callback) {
  impl_->session_erased = std::move(callback);
}

void ActivityCounters::transitioned(const EventRecord& event) {
  const Transition& t = event.transition;
  monitor::Activity& activity = impl_->activity;
  if (t.from) --activity.sessions[static_cast<std::size_t>(*t.from)];
  ++activity.sessions[static_cast<std::size_t>(t.to)];
  activity.last_event_seq = event.seq;
  if (t.final) activity.ended(event.id);
  activity.changed = true;
  const LogLevel level =
      t.to == State::failed && t.reason == Reason::key_required ? LogLevel::error : LogLevel::info;
  const bool refresh = t.trigger == Trigger::refreshed || t.trigger == Trigger::refresh_refused;
  impl_->log.write(level, refresh ? to_string(t.trigger) : "transition", "",
                   {{"session_id", event.id.text()},
                    {"from", t.from ? to_string(*t.from) : ""},
                    {"to", to_string(t.to)},
                    {"cause", to_string(t.cause)},
                    {"trigger", to_string(t.trigger)},
                    {"outcome", to_string(t.outcome)},
                    {"reason", to_string(t.reason)},
                    {"code", event.reason_code},
                    {"seq", static_cast<std::int64_t>(event.seq)}});
  if (impl_->event_committed) impl_->event_committed(event);
}

void ActivityCounters::stored(const SessionRecord& record) {
  if (impl_->files != nullptr) impl_->files->stored(record);
}

void ActivityCounters::changed(const SessionId& id) {
  if (impl_->files != nullptr) impl_->files->changed(id);
}

void ActivityCounters::erased(const SessionId& id, State last) {
  --impl_->activity.sessions[static_cast<std::size_t>(last)];
  impl_->activity.changed = true;
  impl_->activity.ended(id);
  if (impl_->files != nullptr) impl_->files->erased(id);
  if (impl_->session_erased) impl_->session_erased(id);
}

void ActivityCounters::asked(const Question&, Duration late) {
  impl_->activity.lateness.add(late);
  ++impl_->activity.requests;
  impl_->activity.changed = true;
}

void ActivityCounters::answered(const Question& question, const Answer& answer) {
  if (answer.error) ++impl_->activity.errors;
  const Trigger result = answer.event.trigger;
  const bool failed =
      result == Trigger::passing_fault || result == Trigger::account_refused || result == Trigger::refused;
  if (result != Trigger::not_sent)
    impl_->activity.recent_calls.add(impl_->clock.now().steady,
                                     failed && answer.error ? answer.error->code : std::string());
  impl_->log.write(answer.error ? LogLevel::warning : LogLevel::debug, answer.error ? "call_failed" : "call",
                   "",
                   {{"session_id", question.id.text()},
                    {"call", to_string(question.call)},
                    {"http_status", answer.http_status},
                    {"result", to_string(answer.event.trigger)},
                    {"code", answer.error ? std::string_view(answer.error->code) : std::string_view()},
                    {"duration_ms", answer.took.count()}});
}

void ActivityCounters::report(const SessionId& id, const ReportName& name, const ReportAnswer& answer) {
  const bool fetched = answer.result == ReportAnswer::Result::fetched;
  impl_->log.write(fetched ? LogLevel::debug : LogLevel::warning, fetched ? "report" : "report_failed",
                   answer.error.message,
                   {{"session_id", id.text()},
                    {"account", name.account},
                    {"format", to_string(name.format)},
                    {"http_status", answer.http_status},
                    {"code", answer.error.code},
                    {"duration_ms", answer.took.count()}});
}

void ActivityCounters::anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) {
  for (const std::string_view code : anomaly_codes(anomaly)) {
    impl_->log.warning("anomaly", "",
                       {{"session_id", id.text()},
                        {"code", code},
                        {"rules_say", rules_say ? to_string(*rules_say) : std::string_view()}});
  }
}

void ActivityCounters::upstream_condition(const UpstreamCondition& condition) {
  impl_->activity.upstream = condition;
  impl_->activity.changed = true;
  if (condition.kind == Kind::flowing) {
    impl_->log.info("upstream_back", "");
  } else if (condition.kind == Kind::broken) {
    impl_->log.warning("upstream_failing", "one call at a time is tried until one goes through",
                       {{"code", condition.code}});
  } else {
    impl_->log.error("upstream_account_refused",
                     "all calls pause; check the credentials, the plan and upstream.base_url",
                     {{"code", condition.code}});
  }
}

void ActivityCounters::webhook(const WebhookSeen& seen) {
  impl_->activity.webhooks.count(seen);
  impl_->activity.changed = true;
}

void ActivityCounters::webhook_missed(const SessionId& id, Notification kind) {
  impl_->activity.webhooks.missed(id, kind);
  impl_->activity.changed = true;
}

void ActivityCounters::webhook_health(WebhookHealth health) {
  impl_->activity.webhooks.health(health);
  impl_->activity.changed = true;
}

}  // namespace bankconnect
