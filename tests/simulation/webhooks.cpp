// BankConnect's webhooks, and forged ones.
#include "tests/simulation/run.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

namespace {

std::string event_name_of(Notification kind) {
  switch (kind) {
    case Notification::completion: return "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";
    case Notification::expiry: return "SESSION_EXPIRY_NOTIFICATION";
    case Notification::enrichment: return "ENRICHMENT_NOTIFICATION";
  }
  return "";
}

}  // namespace

void Run::plan_webhooks(Truth& truth) {
  if (!plan_.webhooks) return;
  const auto plan = [this, &truth](Steady when, Notification kind) {
    if (when != kNever) send_webhook(truth.id, kind, when - agenda_.steady());
  };
  plan(truth.completes, Notification::completion);
  plan(truth.completes_again, Notification::completion);
  plan(truth.expires, Notification::expiry);
  if (plan_.share(Fault::processed_late) > 0 && truth.requested_elsewhere != kNever)
    plan(truth.requested_elsewhere + truth.processing, Notification::enrichment);
}

void Run::send_webhook(const SessionId& id, Notification kind, Duration after) {
  if (!plan_.webhooks || strikes(Fault::webhook_lost)) return;
  Duration when = std::max(after, 0ms) + chance_.skewed(200ms);
  if (strikes(Fault::webhook_late)) when += chance_.skewed(600s);
  if (strikes(Fault::webhook_early)) when = std::max(0ms, when - chance_.skewed(20s));
  const std::string body = std::string(to_string(kind)) + std::to_string(truths_.at(id).forgotten);
  const std::string event_name = event_name_of(kind);
  agenda_.after(when, [this, id, event_name, body] { deliver(id, event_name, body); });
  if (strikes(Fault::webhook_doubled))
    agenda_.after(when + chance_.skewed(10s),
                  [this, id, event_name, body] { deliver(id, event_name, body); });
}

/// One attempt, which is lost while the daemon is down.
void Run::deliver(const SessionId& id, const std::string& event_name, const std::string& body) {
  if (!follower_) return;
  trace_.line("webhook", id, body);
  checker_.hinted(id);
  const bool late = event_name == event_name_of(Notification::enrichment) && may_be_late(id);
  Webhook webhook;
  webhook.id = id;
  webhook.event_name = event_name;
  webhook.body = body;
  webhook.received_at = agenda_.now().wall;
  follower_->take_webhook(std::move(webhook), [this, id, body, late, came_at = agenda_.steady()](
                                                  const Result<StoredWebhook>& taken) {
    if (taken.has_error()) return trace_.struck(Fault::webhook_refused);
    checker_.webhook_acknowledged(id, body, taken->result, came_at);
    if (late) expect_question(id);
  });
}

/// Whether an enrichment webhook that comes now for this session has to cause a question.
bool Run::may_be_late(const SessionId& id) {
  const ModelStore::Row* const row = store_.row(id);
  if (row == nullptr || row->durable.state != State::failed) return false;
  const Durable& durable = row->durable;
  const bool by_clock =
      durable.reason == Reason::processing_timeout || durable.reason == Reason::not_followed_any_longer;
  const bool asked_lately = durable.after_end_since != kNoElapsed &&
                            agenda_.now().elapsed - durable.after_end_since < plan_.policy.after_end_for;
  return by_clock && !asked_lately;
}

/// The question is on disk, was asked, or the session is no longer there as it was.
void Run::expect_question(const SessionId& id) {
  trace_.struck(Fault::processed_late);
  if (may_be_late(id)) checker_.broken("a late webhook was acknowledged, and no question is to follow", id);
}

/// For an existing session, or for an id that does not exist.
void Run::forge_webhook() {
  if (truths_.empty() || calm_) return;
  auto chosen = truths_.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(chance_.below(truths_.size())));
  SessionId id = chosen->first;
  if (chance_.below(4) == 0) id.bytes[1] = 0xff;
  trace_.struck(Fault::webhook_forged);
  deliver(id, event_name_of(kAllNotifications[chance_.below(kAllNotifications.size())]),
          "forged" + std::to_string(++forged_));
}

}  // namespace bankconnect::simulation
