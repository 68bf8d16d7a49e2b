#include "statemachine/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "statemachine/guards.hpp"
#include "statemachine/pacing.hpp"
#include "statemachine/stepping.hpp"

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

/// What every answer changes, whichever row it takes.
void Stepping::absorb_call_result() {
  live().in_flight = false;
  planned = std::exchange(live().planned, kNever);
  switch (event.trigger) {
    case Trigger::passing_fault:
      // The request may have arrived: from here on "duplicate" may mean us.
      if (event.call == Call::initiate && event.may_have_arrived) live().repeat_attempt = true;
      break;
    case Trigger::slow_down:
    case Trigger::account_refused:
    case Trigger::not_sent: break;
    case Trigger::refused:
    case Trigger::session_not_found: absorb_hint(); break;
    default:
      absorb_hint();
      // Success of another call proves nothing: upload_status may work for ever while initiate fails.
      if (event.call == live().failed_call) live().attempts = 0;
      if (event.call == live().refused_call) live().refusals = 0;
      if (event.call == live().not_found_call) forget_not_found();
  }
  if (is_upload_answer(event.trigger)) absorb_upload_answer();
  if (event.trigger == Trigger::accepted || event.trigger == Trigger::duplicate)
    live().enrichment_found = false;
  if (event.trigger == Trigger::accepted || event.trigger == Trigger::still_processing)
    live().observed = true;
  // Processing may have ended long ago.
  if (event.trigger == Trigger::duplicate) live().observed = false;
  if (event.trigger == Trigger::session_status_fetched) {
    live().accounts_failed = event.processing.failed > 0;
    decision.persist.accounts = true;
  }
}

void Stepping::forget_not_found() {
  live().not_found_since = kNoSteady;
  kept().not_found_since = kNoReckoned;
}

/// The hint was heard, unless it came after the question had left.
void Stepping::absorb_hint() {
  if (!live().ask_again) kept().hinted_at = kNoWall;
}

void Stepping::absorb_upload_answer() {
  live().observed = true;
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
  live().evidence_at = evidence ? now.reckoned - event.age : kNoReckoned;
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
  const State was = kept().state;
  move_to(target(row.to, kept()), row);
  note_news(was);
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

void Stepping::note_news(State was) {
  std::optional<News> news;
  if (event.trigger == Trigger::progress_finished && !live().enrichment_found) news = News::enrichment;
  if (kept().state != was && event.trigger == Trigger::upload_completed) news = News::completion;
  if (kept().state != was && event.trigger == Trigger::upload_expired) news = News::expiry;
  if (!news) return;
  live().enrichment_found = *news == News::enrichment;
  const bool heard =
      before.kept.hinted_at != kNoWall || hint_fresh(policy, before.live.hinted_at, now.steady);
  const bool announced = heard && (before.live.hinted & bit(*news)) != 0;
  if (announced || before.live.observed) decision.found = Finding{*news, announced};
  live().hinted = static_cast<NewsBits>(live().hinted & ~bit(*news));
  if (live().hinted == 0) live().hinted_at = kNoSteady;
}

/// The only place where a session's state changes.
void Stepping::move_to(State state, const Row& row) {
  const bool was_final = kept().final;
  kept().final = (row.acts & kFinish) != 0;
  const bool moved = kept().state != state;
  if (!moved && kept().final == was_final && !live().fresh) return;

  kept().final_at = kept().final ? now.reckoned : kNoReckoned;
  if (state == State::failed) {
    kept().failed_from = kept().state;
    kept().reason = row.reason;
  }
  if (state == State::enriched) {
    kept().outcome = row.guard == Guard::some_failed ? Outcome::partial : Outcome::complete;
  }
  if (state == State::in_progress || state == State::no_uploads) kept().process_wanted = false;
  if (moved) {
    if (state != State::failed) forget_not_found();
    live().attempts = 0;
    live().refusals = 0;
    kept().since = now.wall;
    kept().state_since = now.reckoned;
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
    kept().not_found_since = now.reckoned;
  }
  if ((acts & kCountRefusal) != 0) {
    if (std::exchange(live().refused_call, event.call) != event.call) live().refusals = 0;
    ++live().refusals;
  }
  if ((acts & kCountReinitiate) != 0) {
    ++kept().reinitiates;
    live().repeat_attempt = true;
  }
  if ((acts & kFlagStalled) != 0) kept().stalled = true;
  if ((acts & kHold) != 0) {
    kept().hold = true;
    kept().process_wanted = false;
    forget_not_found();
    live().attempts = 0;
    if (live().next_call == Call::initiate) live().next_call = Call::upload_status;
  }
  if ((acts & kReopen) != 0) {
    kept().reason = Reason::none;
    kept().reinitiates = 0;
    kept().followed_from = now.reckoned;
    kept().not_found_since = kNoReckoned;
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
  if ((acts & kMarkHint) != 0) {
    const bool others = kept().hinted_at != kNoWall || hint_fresh(policy, live().hinted_at, now.steady);
    live().hinted = static_cast<NewsBits>((others ? live().hinted : 0) | event.hinted);
    live().hinted_at = now.steady;
    if (kept().hinted_at == kNoWall) kept().hinted_at = now.wall;
  }
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
  live().asked_for_hint = live().asked_because == Cause::hint && live().planned != kNever;
  live().due = kNever;
  decision.after_commit.actions_.ask = call;
}

void Stepping::finish() {
  decision.persist.session = !(kept() == before.kept) || decision.persist.transition.has_value();
}

Decision step(const Session& session, const Event& event, Moment now, const Policy& policy) {
  Stepping stepping{
      {session, nullptr, kNoAnomaly, std::nullopt, std::nullopt, {}, {}}, session, event, now, policy};
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
