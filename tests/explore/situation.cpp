#include "tests/explore/situation.hpp"

#include <algorithm>

namespace bankconnect::explore {
namespace {

/// Numbers one after the other, a byte each where they fit.
class Key {
 public:
  template <class T>
  Key& add(T value) {
    const auto number = static_cast<std::int64_t>(value);
    const bool small = number >= 0 && number < 255;
    text_.push_back(static_cast<char>(small ? number : 255));
    if (!small) text_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Key& add(std::initializer_list<bool> flags) {
    unsigned bits = 0;
    for (const bool flag : flags)
      bits = 2 * bits + (flag ? 1U : 0U);
    return add(bits);
  }
  /// How long ago, in ticks; all that is longer than `most` is one.
  template <class Time>
  Key& add_age(Time since, Time none, Time now, Duration most) {
    if (since == none) return add(254);
    return add(std::min<Duration>(now - since, most + kTick) / kTick);
  }
  /// In how many ticks; what is overdue is due, however long.
  Key& add_due(Steady at) {
    if (at == kNever || at == kNoSteady) return add(254);
    return add(std::max<Duration>(at - kNow.steady, Duration::zero()) / kTick);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

bool uploading(const Durable& durable) {
  return durable.state == State::no_uploads || durable.state == State::in_progress ||
         durable.state == State::completed;
}

/// What is counted from the session's own times.
void add_clocks(Key& key, const Session& session, const Policy& policy) {
  const Durable& d = session.durable;
  const Elapsed now = kNow.elapsed;
  const Duration processing = policy.processing_timeout + policy.after_end_for;
  // The expiry timestamp moves the end of following, wherever it is.
  const bool expires = d.expires_at != kNoWall;
  const Duration ahead =
      expires ? std::max(Duration::zero(), d.expires_at - as_wall(d.followed_from)) : Duration::zero();
  if (!d.final) {
    key.add_age(d.followed_from + ahead, kNoElapsed, now, policy.follow_for);
    key.add_age(d.not_found_since, kNoElapsed, now, policy.not_found_grace);
    key.add_age(d.doubted_since, kNoElapsed, now, policy.doubt_for);
    key.add_age(d.not_requested_since, kNoElapsed, now, policy.not_found_grace);
  }
  if (d.state == State::processing) key.add_age(d.state_since, kNoElapsed, now, processing);
  if (uploading(d))
    key.add_age(d.state_since, kNoElapsed, now, std::max(policy.settle, policy.upload_interval_max * 2));
  // It counts again for a session that is reopened.
  if (d.state != State::enriched)
    key.add(!expires ? 254 : std::max<Duration>(d.expires_at - kNow.wall, -kTick) / kTick + 1);
  // Before and in PROCESSING for what may follow a failure.
  const bool asked = d.after_end_since != kNoElapsed && now - d.after_end_since <= policy.after_end_for;
  const bool counts = d.state == State::enriched ? d.after_end == AfterEnd::refresh : asked;
  key.add_age(counts ? d.after_end_since : kNoElapsed, kNoElapsed, now, policy.after_end_for);
}

void add_durable(Key& key, const Durable& d) {
  key.add(d.state).add(d.upload_status).add(d.outcome).add(d.reason).add(d.why).add(d.after_end);
  key.add(
      {d.final, d.hold, d.process_wanted, d.stalled, d.requested_elsewhere, d.restored, d.requester_unknown});
  key.add({d.requested_at != kNoWall, d.hinted_at != kNoWall});
  if (d.state == State::failed) key.add(d.failed_from);
  if (d.state == State::processing && awaits_reports(d)) key.add(d.enriched_as);
  key.add(d.accounts).add(d.statements).add(d.fingerprint);
}

void add_questions(Key& key, const Session& session, const Policy& policy) {
  const Volatile& m = session.in_memory;
  const Steady now = kNow.steady;
  key.add(m.next_call).add(m.asked_because);
  key.add({m.is_new, m.in_flight, m.ask_again, m.asked_for_hint, m.repeat_attempt, m.end_doubted});
  key.add({m.accounts_failed, m.accounts_completed, m.error_beside_data, m.observed, m.enrichment_found});
  if (m.ask_again) key.add(m.ask_again_because);
  if (session.durable.not_found_since != kNoElapsed) key.add(m.not_found_call);
  key.add(std::min<int>(m.attempts, 1)).add(std::min<int>(m.doubts, policy.doubts_needed));
  if (m.attempts > 0) key.add(m.failed_call);
  key.add(std::min<int>(m.refusals.count, policy.refusal_retries));
  if (m.refusals.count > 0) key.add(m.refusals.call);
  key.add(std::min<int>(m.empty_fetches, policy.empty_fetches));
  key.add(std::min<int>(session.durable.reinitiates, policy.reinitiate_limit + 1));
  key.add(m.interval / kTick);
  key.add_due(m.due).add_due(m.planned).add_due(m.not_before);
  key.add_age(m.asked_at, kNoSteady, now, std::max(policy.safety_interval, policy.stalled_interval));
  const bool hinted = m.hinted_at != kNoSteady && now - m.hinted_at <= policy.webhook_grace;
  key.add(hinted ? (now - m.hinted_at) / kTick : 254);
  key.add(hinted || session.durable.hinted_at != kNoWall ? m.hinted : 0);
  if (m.next_call == Call::initiate)
    key.add_age(m.evidence_at, kNoElapsed, kNow.elapsed, policy.evidence_max_age);
}

}  // namespace

Situation later(Situation situation, Duration time) {
  Durable& durable = situation.session.durable;
  Volatile& memory = situation.session.in_memory;
  const auto back = [time](auto none, auto*... times) {
    ((*times != none ? void(*times -= time) : void()), ...);
  };
  back(kNoElapsed, &durable.followed_from, &durable.state_since, &durable.not_found_since,
       &durable.not_requested_since, &durable.doubted_since, &durable.final_at, &durable.after_end_since,
       &memory.evidence_at);
  back(kNoWall, &durable.submitted_at, &durable.since, &durable.expires_at, &durable.requested_at,
       &durable.accepted_at, &durable.hinted_at);
  back(kNoSteady, &memory.hinted_at, &memory.asked_at, &memory.not_before);
  back(kNever, &memory.due, &memory.planned);
  return situation;
}

std::string key_of(const Situation& situation, const Policy& policy) {
  Key key;
  key.add(situation.in_flight ? 1 + static_cast<int>(*situation.in_flight) : 0);
  key.add({situation.intent, situation.accepted, situation.conditions.initiate_paused});
  key.add(situation.conditions.webhooks);
  add_durable(key, situation.session.durable);
  add_clocks(key, situation.session, policy);
  add_questions(key, situation.session, policy);
  return std::move(key).text();
}

}  // namespace bankconnect::explore
