// What webhooks do: bring questions forward, and show by coming or not coming how far they can be relied on.
#include <algorithm>

#include "src/follow/follower_impl.hpp"

namespace bankconnect {

void Follower::Impl::hint(Hint hint, HintReply done) {
  HintWrite write;
  const SessionId id = hint.id;
  const NewsBits about = news_named(hint.event_name);
  hint.kept_since = world_.clock.now().reckoned;
  write.hint = std::move(hint);
  write.keep_unknown = policy_.unknown_sessions != UnknownSessions::ignore;
  std::optional<Ticket> affected;
  if (const auto slot = sessions_.find(id); slot && !sessions_[*slot].erasing) {
    // Written with every hint, also when memory has a wake-up: the one that brought it may be refused yet.
    write.session = step_by_hint(*slot, about);
    if (write.session) affected = ticket(*slot);
  }
  ++committing_;
  world_.store.take_hint(std::move(write),
                         [this, affected, id, about, done = std::move(done)](const Result<HintTaken>& taken) {
                           hint_taken(affected, id, about, taken, done);
                         });
}

/// Steps the session, which stays where it waits: until the hint is on disk its planned question is as good
/// as any. What has to be written; nothing when hints have no place in the session's state.
std::optional<SessionWrite> Follower::Impl::step_by_hint(Slot slot, NewsBits about) {
  Tracked& tracked = sessions_[slot];
  Event event = event_of(Trigger::hint);
  event.hinted = about;
  const Decision decision = step(tracked.session, event, world_.clock.now(), policy_);
  if (decision.row == nullptr) return std::nullopt;
  tracked.session = decision.next;
  return write_of(tracked, decision, event, {});
}

void Follower::Impl::write_wake_up(Slot slot, NewsBits about, const std::function<void()>& done) {
  std::optional<SessionWrite> write = step_by_hint(slot, about);
  if (!write) return done();
  ++committing_;
  world_.store.write(std::move(*write),
                     [this, t = ticket(slot), done](Committed, const std::optional<EventRecord>&) {
                       --committing_;
                       if (current(t)) settle(t.slot);
                       done();
                       run();
                     });
}

void Follower::Impl::hint_taken(std::optional<Ticket> affected, const SessionId& id, NewsBits about,
                                const Result<HintTaken>& taken, const HintReply& done) {
  --committing_;
  // What could not be stored is refused; its session may be asked early all the same.
  if (affected && current(*affected)) settle(affected->slot);
  if (taken.has_error()) {
    done(taken);
    run();
    return;
  }
  if (const auto news = unannounced_.announced(id, about)) {
    channel_.announced(*news, world_.clock.now().steady);
    judge_channel();
  }
  const auto slot = sessions_.find(id);
  if (!affected && taken->result == HintResult::accepted && slot && !sessions_[*slot].erasing) {
    // It was being submitted, or read back, while the hint came.
    write_wake_up(*slot, about, [done, taken] { done(taken); });
  } else if (taken->result == HintResult::kept && policy_.unknown_sessions == UnknownSessions::follow) {
    submit({{id, "", false}},
           [done, taken = *taken](const Result<std::vector<Submitted>>& submitted) mutable {
             if (submitted.has_error()) return done(submitted.error());
             taken.result = HintResult::accepted;
             done(taken);
           });
  } else {
    done(taken);
  }
  run();
}

/// An answer showed news that a webhook is sent about.
void Follower::Impl::found(const SessionId& id, const Finding& finding) {
  if (channel_.health() == WebhookHealth::off) return;
  const Moment now = world_.clock.now();
  if (finding.announced) {
    channel_.announced(finding.news, now.steady);
    judge_channel();
  } else {
    unannounced_.add(id, finding.news, now.steady);
  }
}

void Follower::Impl::miss_overdue(Moment now) {
  if (unannounced_.first_overdue() > now.steady) return;
  for (const auto& missed : unannounced_.overdue(now.steady)) {
    ++webhooks_missed_;
    channel_.missed(missed.news, now.steady);
    world_.observer.webhook_missed(missed.id, missed.news);
  }
  judge_channel();
}

/// Sessions that wait were planned for another health: they are planned anew.
void Follower::Impl::judge_channel() {
  const WebhookHealth health = channel_.health();
  if (health == policy_.webhook_health) return;
  policy_.webhook_health = health;
  world_.observer.webhook_health(health);
  sessions_.for_each([this](Slot slot, const Tracked& tracked) {
    if (tracked.session.live.in_flight) return;  // its answer is planned by what holds then
    apply(slot, event_of(Trigger::channel_changed), {}, nullptr);
  });
}

}  // namespace bankconnect
