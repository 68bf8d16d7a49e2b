#include "src/sandbox/scenario_file.hpp"

namespace bankconnect::sandbox {
namespace {

WebhookTrigger read_webhook_trigger(TomlReader& reader) {
  WebhookTrigger trigger;
  std::string event = "any";
  reader.read("event", event);
  if (event != "any") {
    WebhookEvent one = WebhookEvent::completion;
    reader.read("event", one, kWebhookEventNames);
    trigger.event = one;
  }
  reader.read("nth", trigger.nth, 1);
  reader.read("share", trigger.share, 1, 100);
  reader.read("from", trigger.from);
  reader.read("until", trigger.until);
  return trigger;
}

// Refuses keys that can never have an effect.
void refuse_unused_keys(const TomlReader& reader, const WebhookFault& fault) {
  const WebhookTrigger& trigger = fault.trigger;
  const WebhookFaultKind kind = fault.action.kind;
  if (kind == WebhookFaultKind::before_submission &&
      (!trigger.nth.empty() || trigger.from > Duration{} || trigger.until)) {
    reader.refuse("kind",
                  "before_submission applies when the session is created; leave out nth, from and until");
  }
  if (kind == WebhookFaultKind::reordered && trigger.event == WebhookEvent::enrichment) {
    reader.refuse("event", "nothing follows enrichment; hold back \"completion\" or \"expiry\"");
  }
}

}  // namespace

WebhookFault read_webhook_fault(TomlReader& reader) {
  WebhookFault fault;
  fault.trigger = read_webhook_trigger(reader);
  if (reader.node("kind") == nullptr) reader.refuse("kind", "is missing; use " + one_of(kWebhookFaultNames));
  reader.read("kind", fault.action.kind, kWebhookFaultNames);
  fault.action.delay = default_delay(fault.action.kind);
  reader.read("delay", fault.action.delay);
  reader.read("claim", fault.action.claim, kClaimNames);
  refuse_unused_keys(reader, fault);
  reader.finish();
  return fault;
}

}  // namespace bankconnect::sandbox
