#include "tests/transcripts/replay/narrated_observer.hpp"

#include "statemachine/why.hpp"
#include "tests/transcripts/replay/changes.hpp"

namespace bankconnect::transcripts {

void NarratedObserver::transitioned(const EventRecord& event) {
  const Transition& t = event.transition;
  std::string line = "event " + std::to_string(event.seq) + ": " + session(event.id) + " ";
  if (t.from) line += std::string(to_string(*t.from)) + " -> ";
  line += where(t.to, t.final, t.outcome, t.reason);
  narrator_.tell(line + ", cause " + std::string(to_string(t.cause)) + ", trigger " +
                 std::string(to_string(t.trigger)));
}

void NarratedObserver::changed(const SessionId& id) {
  narrator_.tell("shown: " + look_(id));
}

void NarratedObserver::erased(const SessionId& id, State last) {
  narrator_.tell("gone: " + session(id) + ", which was " + std::string(to_string(last)));
}

void NarratedObserver::anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) {
  std::string line = "anomaly: " + session(id) + " " + std::string(anomaly_codes(anomaly).front());
  if (rules_say) line += ", the documented rules give " + std::string(to_string(*rules_say));
  narrator_.tell(line);
}

void NarratedObserver::upstream_condition(const UpstreamCondition& condition) {
  switch (condition.kind) {
    case UpstreamCondition::Kind::flowing: return narrator_.tell("BankConnect: may be called");
    case UpstreamCondition::Kind::broken: return narrator_.tell("BankConnect: failing, " + condition.code);
    case UpstreamCondition::Kind::paused: return narrator_.tell("BankConnect: paused, " + condition.code);
  }
}

void NarratedObserver::webhook_missed(const SessionId& id, Notification kind) {
  narrator_.tell("webhook missed: " + std::string(to_string(kind)) + " of " + session(id));
}

void NarratedObserver::webhook_health(WebhookHealth health) {
  narrator_.tell("webhooks: " + std::string(to_string(health)));
}

}  // namespace bankconnect::transcripts
