// What webhooks do: bring questions forward, and show by coming or not coming how far they can be relied on.
#include "src/follow/session_follower.hpp"
#include "statemachine/guards.hpp"

namespace bankconnect::follow {
namespace {

bool may_be_late(const StoredWebhook& stored, NotificationSet kinds) {
  return is_time_limit(stored.failed_with) && (kinds & bit(Notification::enrichment)) != 0;
}

}  // namespace

void SessionFollower::take_webhook(Webhook webhook, Done<StoredWebhook> done) {
  WebhookWrite write;
  const SessionId id = webhook.id;
  const NotificationSet kinds = notifications_named(webhook.event_name);
  webhook.stored_since = dependencies_.clock.now().elapsed;
  write.webhook = std::move(webhook);
  write.keep_unknown = options_.unknown_sessions != UnknownSessions::ignore;
  std::optional<SlotHandle> stepped;
  if (const auto slot = sessions_.find_followed(id)) {
    // Written with every webhook, also when memory has a wake-up: the write that brought it may be refused
    // yet.
    write.session = step_by_hint(*slot, kinds);
    if (write.session) stepped = handle_of(*slot);
  }
  ++committing_;  // PLANT: webhook-answered
  dependencies_.store.store_webhook(std::move(write), [this, stepped, id, kinds, done = std::move(done)](
                                                          const Result<StoredWebhook>& stored) {
    webhook_stored(stepped, id, kinds, stored, done);
  });
}

/// Steps the session, which stays in the schedule where it is: until the webhook is on disk its planned
/// question stays. Returns what has to be written; nothing when hints have no place in the session's state.
std::optional<SessionWrite> SessionFollower::step_by_hint(Slot slot, NotificationSet kinds) {
  Tracked& tracked = sessions_[slot];
  Event event = event_of(Trigger::hint);
  event.hinted = kinds;
  const Decision decision = decide(tracked.session, event);
  if (decision.row == nullptr) return std::nullopt;
  tracked.session = decision.next;
  return write_of(tracked, decision, event, {});
}

void SessionFollower::write_wake_up(Slot slot, NotificationSet kinds, const std::function<void()>& done) {
  std::optional<SessionWrite> write = step_by_hint(slot, kinds);
  if (!write) {
    reschedule(slot);
    return done();
  }
  ++committing_;
  dependencies_.store.write(std::move(*write),
                            [this, handle = handle_of(slot), done](Committed, const Written&) {
                              --committing_;
                              if (current(handle)) reschedule(handle.slot);
                              done();
                              run();
                            });
}

void SessionFollower::webhook_stored(std::optional<SlotHandle> stepped, const SessionId& id,
                                     NotificationSet kinds, const Result<StoredWebhook>& stored,
                                     const Done<StoredWebhook>& done) {
  --committing_;
  // A webhook that could not be stored is refused; its session may be asked early all the same.
  if (stepped && current(*stepped)) reschedule(stepped->slot);
  if (stored.has_error()) {
    done(stored);
    run();
    return;
  }
  webhook_watch_.received(id, kinds, dependencies_.clock.now().steady);
  update_webhook_health();
  const auto slot = sessions_.find_followed(id);
  if (!stepped && stored->result == WebhookResult::accepted && slot) {
    // The session was being submitted, or read back, while the webhook came.
    write_wake_up(*slot, kinds, [done, stored] { done(stored); });
  } else if (stored->result == WebhookResult::kept && options_.unknown_sessions == UnknownSessions::follow) {
    submit({{id, "", false, false}},
           [done, stored = *stored](const Result<std::vector<Submitted>>& submitted) mutable {
             if (submitted.has_error()) return done(submitted.error());
             stored.result = WebhookResult::accepted;
             done(stored);
           });
  } else if (!stepped && may_be_late(*stored, kinds)) {
    ask_after_failure(id, kinds, *stored, done);
  } else {
    done(stored);
  }
  run();
}

/// A session given up by our clock may have finished after all: it is asked about once, and the webhook
/// answered when that is on disk.
void SessionFollower::ask_after_failure(const SessionId& id, NotificationSet kinds,
                                        const StoredWebhook& stored, const Done<StoredWebhook>& done) {
  with_session(id, [this, kinds, stored, done](const Result<Slot>& slot) {
    if (slot.has_error() && slot.error().code != ErrorCode::session_not_followed) return done(slot.error());
    if (slot.has_error()) return done(stored);
    write_wake_up(*slot, kinds, [done, stored] { done(stored); });
  });
}

void SessionFollower::report_missing_webhooks(Moment now) {
  if (webhook_watch_.next_expiry() > now.steady) return;
  for (const PendingWebhooks::Entry& missed : webhook_watch_.expire(now.steady))
    dependencies_.observer.webhook_missed(missed.id, missed.kind);
  update_webhook_health();
}

/// Waiting sessions were planned for another health: they are planned anew.
void SessionFollower::update_webhook_health() {
  const WebhookHealth health = webhook_watch_.health();
  if (health == conditions_.webhooks) return;
  conditions_.webhooks = health;
  dependencies_.observer.webhook_health(health);
  sessions_.for_each([this](Slot slot, const Tracked& tracked) {
    if (tracked.session.in_memory.in_flight) return;  // its answer is planned by what holds then
    apply(slot, event_of(Trigger::webhook_health_changed), {}, nullptr);
  });
}

}  // namespace bankconnect::follow
