// Who is asked about next, and what becomes of the answers.
#include <algorithm>

#include "src/follow/follower_impl.hpp"
#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"

namespace bankconnect {

/// Where a session waits for its turn.
follow::DueQueue& Follower::Impl::queue_of(const Session& session, Moment now) {
  const Call call = session.live.next_call;
  if (evidence_fresh(session, now, policy_)) return urgent_;
  if (session.live.attempts > 0) return failing_;
  return call == Call::session_status || call == Call::insights ? urgent_ : polls_;
}

void Follower::Impl::leave_queues(Slot slot) {
  for (follow::DueQueue* queue : {&urgent_, &polls_, &failing_})
    queue->remove(slot);
}

/// Whose evidence grew too old while it waited for its initiate has to be asked about once more, and waits
/// for that like everybody. Did it keep its place, many such would hold each other up until all were too old
/// again.
void Follower::Impl::send_back_the_late(Moment now) {
  while (const auto first = urgent_.first()) {
    follow::DueQueue& queue = queue_of(sessions_[*first].session, now);
    if (&queue == &urgent_) return;
    const Steady due = urgent_.first_due();
    urgent_.remove(*first);
    queue.put(*first, due);
  }
}

/// The queue whose first session is asked about next; null when nobody is due.
follow::DueQueue* Follower::Impl::queue_to_serve(Moment now) {
  send_back_the_late(now);
  follow::DueQueue* const polled = failing_.first_due() < polls_.first_due() ? &failing_ : &polls_;
  const bool flowing = breaker_.condition().kind == UpstreamCondition::Kind::flowing;
  // What failed may fail for its own sake, as may all fetches: neither may have every probe.
  const std::initializer_list<follow::DueQueue*> in_turn = {&urgent_, polled};
  const std::initializer_list<follow::DueQueue*> to_probe = {&urgent_, &polls_, &failing_};
  const std::initializer_list<follow::DueQueue*> to_probe_else = {&polls_, &urgent_, &failing_};
  for (follow::DueQueue* queue : flowing ? in_turn : probe_else_ ? to_probe_else : to_probe) {
    if (queue->first_due() <= now.steady) return queue;
  }
  return nullptr;
}

void Follower::Impl::run() {
  miss_overdue(world_.clock.now());
  while (!stopped_ && in_flight_ < limits_.max_in_flight) {
    const Moment now = world_.clock.now();
    if (breaker_.open_at() > now.steady || gate_.open_at(now.steady) > now.steady) break;
    follow::DueQueue* queue = queue_to_serve(now);
    if (queue == nullptr) break;
    const Slot slot = *queue->first();
    if (!lingering_.empty() && lingering_.contains(sessions_[slot].session.id.text())) {
      queue->put(slot, now.steady + std::chrono::milliseconds(100));
      continue;
    }
    due_of_question_ = queue->first_due();
    const bool taken = apply(slot, event_of(Trigger::due), {}, nullptr);
    require(taken, "every live session can be asked about");
  }
  arm();
}

Steady Follower::Impl::next_wakeup(Moment now) const {
  if (stopped_) return kNever;
  const Steady due = std::min({urgent_.first_due(), polls_.first_due(), failing_.first_due()});
  const bool may_ask = due != kNever && in_flight_ < limits_.max_in_flight;
  const Steady ask = may_ask ? std::max({due, breaker_.open_at(), gate_.open_at(now.steady)}) : kNever;
  return std::min(ask, unannounced_.first_overdue());
}

void Follower::Impl::arm() {
  world_.alarm.set(next_wakeup(world_.clock.now()));
}

void Follower::Impl::ask(Slot slot, Call call) {
  const Moment now = world_.clock.now();
  const Session& session = sessions_[slot].session;
  Question question{session.id, call, kNever};
  if (call == Call::initiate)
    question.not_after = now.steady + (session.live.evidence_at + policy_.evidence_max_age - now.reckoned);
  ++in_flight_;
  gate_.pass(now.steady);
  const bool probe = breaker_.sent();
  if (probe) probe_else_ = !probe_else_;
  world_.observer.asked(question, now.steady - due_of_question_);
  world_.upstream.ask(question, [this, t = ticket(slot), question, probe](Answer answer) {
    answered(t, question, probe, std::move(answer));
  });
}

void Follower::Impl::answered(Ticket t, const Question& question, bool probe, Answer answer) {
  --in_flight_;
  const Moment now = world_.clock.now();
  world_.observer.answered(question, answer);
  if (answer.event.trigger == Trigger::slow_down) {
    gate_.slow_down(now.steady, answer.event.retry_after);
  } else if (answer.http_status != 0) {
    gate_.speed_up();
  }
  const Vote vote = cast(t, probe, answer, now);
  report_condition();

  if (current(t)) {
    remember_error(sessions_[t.slot], answer);
    Event event = answer.event;
    event.call = question.call;
    event.refused_alone = vote.refused_alone;
    event.jitter = static_cast<std::uint32_t>(random_());
    apply(t.slot, event, {std::move(answer.accounts), std::move(answer.payload)}, nullptr);
  } else {
    lingering_.erase(question.id.text());
  }
  if (vote.flows_again) hurry_everyone(now);
  run();
}

/// Tells the breaker how a call ended.
Follower::Impl::Vote Follower::Impl::cast(Ticket t, bool probe, const Answer& answer, Moment now) {
  const bool flowing = breaker_.condition().kind == UpstreamCondition::Kind::flowing;
  Trigger trigger = answer.event.trigger;
  Vote vote;
  if (current(t)) {
    Tracked& tracked = sessions_[t.slot];
    // A session that is refused again while others are served is refused for its own sake: it pauses nobody.
    // So is one whose answers come whole and cannot be used, again and again.
    const bool refused = trigger == Trigger::account_refused;
    const bool unusable =
        trigger == Trigger::passing_fault && answer.http_status >= 200 && answer.http_status < 300;
    const bool alone = (refused || unusable) && tracked.failed_alike && flowing;
    vote.refused_alone = refused && alone;
    if (alone) trigger = Trigger::not_sent;
    tracked.failed_alike = refused || unusable;
  }
  vote.flows_again = breaker_.ended(probe, trigger, answer.error ? answer.error->code : "", now);
  return vote;
}

void Follower::Impl::remember_error(Tracked& tracked, const Answer& answer) {
  if (answer.event.trigger == Trigger::not_sent) return;  // nothing was tried
  const std::string before = tracked.last_error ? tracked.last_error->code : "";
  tracked.last_error = answer.error ? std::make_unique<LastError>(*answer.error) : nullptr;
  const std::string after = tracked.last_error ? tracked.last_error->code : "";
  if (before != after) world_.observer.changed(tracked.session.id);
}

void Follower::Impl::report_condition() {
  if (breaker_.condition() == reported_) return;
  reported_ = breaker_.condition();
  world_.observer.upstream_condition(reported_);
}

/// Upstream is back: whoever backed off meanwhile is asked within one interval, spread out.
void Follower::Impl::hurry_everyone(Moment now) {
  sessions_.for_each([&](Slot slot, Tracked& tracked) {
    Live& live = tracked.session.live;
    if (live.attempts == 0 || live.in_flight || tracked.commits > 0 || tracked.erasing) return;
    const Duration window = tracked.session.kept.state == State::processing ? policy_.progress_interval
                                                                            : policy_.upload_interval_min;
    const Steady earliest = std::max({now.steady, live.asked_at + window, live.not_before});
    const bool hinted = tracked.session.kept.hinted_at != kNoWall;
    const Steady soon = hinted ? std::max({now.steady, live.asked_at + policy_.hint_spacing, live.not_before})
                               : earliest + fraction(window, static_cast<std::uint32_t>(random_()));
    if (soon >= live.due) return;
    live.due = soon;
    queue_of(tracked.session, now).put(slot, soon);
  });
}

void Follower::Impl::retry_upstream() {
  const Moment now = world_.clock.now();
  if (breaker_.condition().kind != UpstreamCondition::Kind::flowing) {
    breaker_.probe_now(now);
    // Somebody has to be due for a probe to leave.
    for (follow::DueQueue* queue : {&polls_, &urgent_, &failing_}) {
      const auto first = queue->first();
      if (!first) continue;
      sessions_[*first].session.live.due = now.steady;
      queue->put(*first, now.steady);
      break;
    }
  }
  run();
}

void Follower::Impl::stop() {
  stopped_ = true;
  arm();
}

}  // namespace bankconnect
