#include "statemachine/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"

namespace bankconnect {

void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "bankconnectd: broken invariant: %s\n", invariant);
  std::abort();
}

Committed Committed::nothing_to_persist(const Persist& persist) {
  require(persist.empty(), "effects were let go before their commit");
  return Committed{};
}

namespace {

State target(To to, const Kept& kept) {
  switch (to) {
    case To::stay: return kept.state;
    case To::no_uploads: return State::no_uploads;
    case To::in_progress: return State::in_progress;
    case To::completed: return State::completed;
    case To::expired: return State::expired;
    case To::processing: return State::processing;
    case To::enriched: return State::enriched;
    case To::failed: return State::failed;
    case To::where_it_failed: return kept.failed_from;
  }
  return kept.state;
}

Why why_it_ends(const Session& s) {
  return s.kept.statements > 0 ? Why::expired_not_processed : Why::expired_without_statements;
}

Why why_it_waits(const Session& s, Moment now, const Policy& policy) {
  const bool expired = s.kept.state == State::expired;
  if (s.kept.hold) return expired ? Why::expired_held : Why::held;
  if (!may_initiate(s, policy)) return expired ? Why::expired_awaiting_operator : Why::awaiting_operator;
  if (expired) return Why::expired;
  return settling(s, now, policy) ? Why::settling : Why::completed;
}

}  // namespace

/// One step in progress: the decision being made and what it is made from.
struct Stepping {
  Decision decision;
  const Session& before;
  const Event& event;
  const Moment now;
  const Policy& policy;

  Kept& kept() { return decision.next.kept; }
  Live& live() { return decision.next.live; }

  void absorb_call_result();
  void absorb_upload_answer();
  const Row* first_fitting_row();
  void take(const Row& row);
  void note(Anomaly anomaly);
  void move_to(State state, const Row& row);
  void count(std::uint32_t acts);
  void choose_next_call(std::uint32_t acts);
  void plan(std::uint32_t acts);
  void bring_forward(Steady due, Cause cause);
  void pace_upload();
  void pace_progress();
  void back_off();
  void ask();
  void finish();
};

/// What every answer changes, whichever row it takes.
void Stepping::absorb_call_result() {
  live().in_flight = false;
  switch (event.trigger) {
    case Trigger::passing_fault:
      // The request may have arrived: from here on "duplicate" may mean us.
      if (event.call == Call::initiate && event.may_have_arrived) live().repeat_attempt = true;
      break;
    case Trigger::slow_down:
    case Trigger::account_refused:
    case Trigger::not_sent:
    case Trigger::refused:
    case Trigger::session_not_found: break;
    default:
      // Success of another call proves nothing: upload_status may work for ever while initiate fails.
      if (event.call == live().failed_call) {
        live().attempts = 0;
        live().refusals = 0;
      }
      if (event.call == live().not_found_call) {
        live().not_found_since = kNoSteady;
        kept().not_found_since = kNoWall;
      }
  }
  if (is_upload_answer(event.trigger)) absorb_upload_answer();
  if (event.trigger == Trigger::session_status_fetched) {
    live().accounts_failed = event.processing.failed > 0;
    decision.persist.accounts = true;
  }
}

void Stepping::absorb_upload_answer() {
  kept().upload_status = event.upload.status;
  if (event.upload.expires_at != kNoWall) kept().expires_at = event.upload.expires_at;
  if (event.upload.lists_accounts) {
    kept().accounts = event.upload.accounts;
    kept().statements = event.upload.statements;
    decision.persist.accounts = kept().fingerprint != event.upload.fingerprint;
    kept().fingerprint = event.upload.fingerprint;
  }
  const bool evidence =
      event.trigger == Trigger::upload_completed || event.trigger == Trigger::upload_expired;
  live().evidence_at = evidence ? now.steady : kNoSteady;
  if (const auto rules_say = contradiction(event.upload, now.wall)) {
    note(kContradictsRules);
    if (decision.anomalies != kNoAnomaly) decision.rules_say = rules_say->status;
  }
}

const Row* Stepping::first_fitting_row() {
  const From from = standing(before);
  for (const Row& row : table()) {
    if ((row.from & from) != 0 && row.trigger == event.trigger &&
        holds(row.guard, decision.next, event, now, policy)) {
      return &row;
    }
  }
  return nullptr;
}

void Stepping::note(Anomaly anomaly) {
  if (anomaly == kNoAnomaly || (kept().anomalies & anomaly) != 0) return;
  kept().anomalies = static_cast<std::uint8_t>(kept().anomalies | anomaly);
  decision.anomalies = static_cast<std::uint8_t>(decision.anomalies | anomaly);
}

void Stepping::take(const Row& row) {
  decision.row = &row;
  note(row.anomaly);
  count(row.acts);
  move_to(target(row.to, kept()), row);
  if (row.why == kWhyItWaits) {
    kept().why = why_it_waits(decision.next, now, policy);
  } else if (row.why == kWhyItEnds) {
    kept().why = why_it_ends(decision.next);
  } else if (row.why != kSameWhy) {
    kept().why = row.why;
  }
  choose_next_call(row.acts);
  plan(row.acts);
}

/// The only place where a session's state changes.
void Stepping::move_to(State state, const Row& row) {
  const bool was_final = kept().final;
  kept().final = (row.acts & kFinish) != 0;
  const bool moved = kept().state != state;
  if (!moved && kept().final == was_final && !live().fresh) return;

  kept().final_at = kept().final ? now.wall : kNoWall;
  if (state == State::failed) {
    kept().failed_from = kept().state;
    kept().reason = row.reason;
  }
  if (state == State::enriched) {
    kept().outcome = row.guard == Guard::some_failed ? Outcome::partial : Outcome::complete;
  }
  if (state == State::in_progress || state == State::no_uploads) kept().process_wanted = false;
  if (moved) {
    live().attempts = 0;
    live().refusals = 0;
    kept().since = now.wall;
    live().state_since = now.steady;
    kept().stalled = false;
  }
  Transition transition;
  if (!live().fresh) transition.from = kept().state;
  transition.to = state;
  transition.cause = is_operator(event.trigger) ? Cause::operator_ : live().asked_because;
  transition.trigger = event.trigger;
  transition.final = kept().final;
  transition.outcome = kept().outcome;
  transition.reason = kept().reason;
  transition.at = now.wall;
  decision.persist.transition = transition;
  kept().state = state;
  live().fresh = false;
}

void Stepping::count(std::uint32_t acts) {
  if ((acts & kMarkNotFound) != 0 && live().not_found_since == kNoSteady) {
    live().not_found_call = event.call;
    live().not_found_since = now.steady;
    kept().not_found_since = now.wall;
  }
  if ((acts & kCountRefusal) != 0) ++live().refusals;
  if ((acts & kCountReinitiate) != 0) {
    ++kept().reinitiates;
    live().repeat_attempt = true;
  }
  if ((acts & kFlagStalled) != 0) kept().stalled = true;
  if ((acts & kHold) != 0) {
    kept().hold = true;
    kept().process_wanted = false;
    live().attempts = 0;
    if (live().next_call == Call::initiate) live().next_call = Call::upload_status;
  }
  if ((acts & kReopen) != 0) {
    kept().reason = Reason::none;
    kept().reinitiates = 0;
    kept().followed_from = now.wall;
    kept().not_found_since = kNoWall;
    live() = restored_session(decision.next.id, kept(), now).live;
  }
  if ((acts & kRelease) != 0) kept().hold = false;
  if ((acts & kWantProcess) != 0) kept().process_wanted = true;
  if ((acts & kIntend) != 0 && kept().requested_at == kNoWall) kept().requested_at = now.wall;
  if ((acts & kAccept) != 0) {
    kept().accepted_at = now.wall;
    kept().requested_elsewhere = (acts & kElsewhere) != 0;
  }
  if ((acts & kKeepPayload) != 0) decision.persist.payload = true;
}

void Stepping::choose_next_call(std::uint32_t acts) {
  if ((acts & (kAccept | kAskProgress)) != 0) live().next_call = Call::progress;
  if ((acts & kFetchStatus) != 0) live().next_call = Call::session_status;
  if ((acts & kFetchInsights) != 0) live().next_call = Call::insights;
  if ((acts & kReopen) != 0) {
    live().next_call = kept().state == State::processing ? Call::progress : Call::upload_status;
  }
  const bool initiate_ended = is_call_result(event.trigger) && live().next_call == Call::initiate;
  if ((acts & kAskUpload) != 0 || initiate_ended) live().next_call = Call::upload_status;
  if ((acts & kIntend) != 0) live().next_call = Call::initiate;
}

void Stepping::plan(std::uint32_t acts) {
  if (kept().final) {
    live().due = kNever;
    return;
  }
  if ((acts & kAsk) != 0) ask();
  if ((acts & kPaceUpload) != 0) pace_upload();
  if ((acts & kPaceProgress) != 0) pace_progress();
  if ((acts & kBackOff) != 0) back_off();
  if ((acts & kWaitLong) != 0) live().due = std::max(now.steady, followed_until(decision.next, policy));
  if ((acts & kPatiently) != 0) {
    live().due = now.steady + backoff(policy, 3U * kept().reinitiates, event.jitter);
    live().asked_because = Cause::poll;
  }
  if ((acts & kSoon) != 0) {
    const Steady spaced = live().asked_at == kNoSteady ? now.steady : live().asked_at + policy.hint_spacing;
    bring_forward(std::max(now.steady, spaced), Cause::hint);
  }
  if ((acts & kSpread) != 0) {
    live().asked_because = Cause::start;
    const Duration window =
        kept().state == State::processing ? policy.progress_interval : policy.upload_interval_min;
    live().due = now.steady + fraction(window, event.jitter);
  }
  if ((acts & (kNow | kIntend)) != 0) {
    Cause cause = live().asked_because;
    if (is_operator(event.trigger)) cause = Cause::operator_;
    if (event.trigger == Trigger::submitted) cause = Cause::poll;
    bring_forward(now.steady, cause);
  }
  if (is_call_result(event.trigger) && live().ask_again) {
    live().ask_again = false;
    bring_forward(std::max(now.steady, live().asked_at + policy.hint_spacing), live().ask_again_because);
  }
}

/// Never delays a planned question. While a call is in flight, the wish is remembered until it is answered.
void Stepping::bring_forward(Steady due, Cause cause) {
  if (live().in_flight) {
    live().ask_again = true;
    live().ask_again_because = cause;
    return;
  }
  live().asked_because = cause;
  live().due = std::min(live().due, due);
}

void Stepping::pace_upload() {
  const bool changed = decision.persist.transition.has_value() || decision.persist.accounts;
  live().interval = next_upload_interval(policy, live().interval, changed);
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  Steady due = std::max(from + live().interval, now.steady);
  if (kept().expires_at != kNoWall && kept().expires_at > now.wall && kept().state != State::expired) {
    due = std::min(due, now.steady + (kept().expires_at - now.wall) + policy.after_expiry);
  }
  if (settling(decision.next, now, policy)) due = std::min(due, live().state_since + policy.settle);
  live().due = due;
  live().asked_because = Cause::poll;
}

void Stepping::pace_progress() {
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  live().due = std::max(from + progress_interval(policy, kept().stalled), now.steady);
  live().asked_because = Cause::poll;
}

void Stepping::back_off() {
  live().failed_call = event.call;
  if (live().attempts < UINT16_MAX) ++live().attempts;
  // Others are asked while this session alone is refused: it comes back slowly, so as not to pause them
  // again.
  const Duration patience =
      event.trigger == Trigger::account_refused ? policy.refused_interval : Duration::zero();
  const Duration wait =
      std::max({backoff(policy, live().attempts, event.jitter), event.retry_after, patience});
  // Trouble is no reason to ask more often than when all is well.
  Duration floor = Duration::zero();
  if (kept().state == State::processing && live().next_call == Call::progress) {
    floor = progress_interval(policy, kept().stalled);
  } else if (kept().state == State::no_uploads || kept().state == State::in_progress) {
    floor = upload_interval_min(policy);
  }
  const Steady from = live().asked_at == kNoSteady ? now.steady : live().asked_at;
  live().due = std::max(now.steady + wait, from + floor);
  live().not_before = now.steady + event.retry_after;
  live().asked_because = Cause::poll;
}

void Stepping::ask() {
  const Call call = live().next_call;
  require(!live().in_flight, "two calls at once for a session");
  if (call == Call::initiate) {
    require(kept().requested_at != kNoWall, "initiate without a durable intent");
    require(!kept().hold, "initiate on a held session");
    require(evidence_fresh(decision.next, now, policy), "initiate on stale evidence");
  }
  live().in_flight = true;
  live().asked_at = now.steady;
  live().due = kNever;
  decision.after_commit.actions_.ask = call;
}

void Stepping::finish() {
  decision.persist.session = !(kept() == before.kept) || decision.persist.transition.has_value();
}

Decision step(const Session& session, const Event& event, Moment now, const Policy& policy) {
  Stepping stepping{{session, nullptr, kNoAnomaly, std::nullopt, {}, {}}, session, event, now, policy};
  if (is_call_result(event.trigger)) stepping.absorb_call_result();
  if (const Row* row = stepping.first_fitting_row()) {
    stepping.take(*row);
  } else if (is_call_result(event.trigger) && !session.kept.final) {
    stepping.back_off();
  } else {
    stepping.decision.next = session;
  }
  stepping.finish();
  return stepping.decision;
}

}  // namespace bankconnect
