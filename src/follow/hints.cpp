// What webhooks do: bring questions forward, and show by coming or not coming how far they can be relied on.
#include <algorithm>

#include "src/follow/follower_impl.hpp"

namespace bankconnect {

void Follower::Impl::hint(Hint hint, HintReply done) {
  HintWrite write;
  const SessionId id = hint.id;
  write.hint = std::move(hint);
  write.keep_unknown = policy_.unknown_sessions != UnknownSessions::ignore;
  std::optional<Ticket> affected;
  if (const auto slot = sessions_.find(id)) {
    Tracked& tracked = sessions_[*slot];
    const Event event = event_of(Trigger::hint);
    const Decision decision = step(tracked.session, event, world_.clock.now(), policy_);
    if (decision.row != nullptr) {
      urgent_.remove(*slot);
      polls_.remove(*slot);
      tracked.session = decision.next;
      if (!decision.persist.empty()) write.session = write_of(tracked, decision, event, {});
      ++tracked.commits;
      affected = ticket(*slot);
    }
  }
  ++committing_;
  world_.store.take_hint(std::move(write),
                         [this, affected, id, done = std::move(done)](const Result<HintTaken>& taken) {
                           hint_taken(affected, id, taken, done);
                         });
}

void Follower::Impl::hint_taken(std::optional<Ticket> affected, const SessionId& id,
                                const Result<HintTaken>& taken, const HintReply& done) {
  --committing_;
  // A hint that could not be stored is refused, but its session may be asked early all the same.
  if (affected && current(*affected)) {
    --sessions_[affected->slot].commits;
    settle(affected->slot);
  }
  if (taken.has_error()) {
    done(taken);
    run();
    return;
  }
  if (const auto news = unannounced_.announced(id)) {
    channel_.announced(*news, world_.clock.now().steady);
    judge_channel();
  }
  const auto slot = sessions_.find(id);
  if (!affected && taken->result == HintResult::accepted && slot) {
    // It was being submitted, or read back, while the hint came.
    const bool applied =
        apply(*slot, event_of(Trigger::hint), {}, [done, taken](const Result<void>&) { done(taken); });
    if (!applied) done(taken);
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
    if (tracked.commits > 0 || tracked.session.live.in_flight) return;
    apply(slot, event_of(Trigger::channel_changed), {}, nullptr);
  });
}

}  // namespace bankconnect
