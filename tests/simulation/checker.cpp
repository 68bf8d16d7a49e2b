#include "tests/simulation/checker.hpp"

#include "tests/simulation/model_store.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration kEvidenceLasts = 10s;

int rank(State state) {
  switch (state) {
    case State::no_uploads: return 0;
    case State::in_progress: return 1;
    case State::completed: return 2;
    case State::expired: return 3;
    case State::processing: return 4;
    case State::enriched:
    case State::failed: return 5;
  }
  return 5;
}

/// The transitions that lead back to an earlier state, and their conditions.
bool may_go_back(const Durable& before, const Transition& transition) {
  if (is_command(transition.trigger)) return before.final;
  if (before.final) return false;
  const State to = transition.to;
  if (before.state == State::in_progress) return to == State::no_uploads;
  if (before.state == State::completed) return to == State::in_progress;
  return before.state == State::processing && to == State::completed &&
         transition.trigger == Trigger::not_requested;
}

}  // namespace

void Checker::broken(const std::string& promise, const SessionId& id) const {
  const auto ms = (agenda_.steady() - Agenda::kBegin).count();
  const std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  throw Broken(Trace::shown(id) + " at " + std::to_string(ms / 1000) + "." + fraction + " s: " + promise);
}

void Checker::daemon_started() {
  health_ = plan_.options.webhooks ? WebhookHealth::unproven : WebhookHealth::off;
  started_at_ = agenda_.steady();
}

void Checker::daemon_killed() {
  in_flight_ = 0;
  reports_in_flight_ = 0;
  recent_asks_.clear();  // a new daemon counts from zero
  for (auto& [id, seen] : sessions_) {
    seen.in_flight = false;
    seen.excuses = kExcuses;
    seen.status = UploadStatus::not_reported;
    // A command whose answer was lost may be on disk.
    seen.process_wanted = seen.process_wanted || seen.process_unanswered > 0;
    seen.process_unanswered = 0;
    seen.holds.answered = seen.holds.given;
    seen.releases.answered = seen.releases.given;
  }
}

Checker::Contrary Checker::commanded(const SessionId& id, Command command) {
  Seen& seen = sessions_[id];
  seen.excuses += kExcuses;
  const bool releases = command == Command::release || command == Command::process;
  seen.released = seen.released || releases;
  if (command == Command::process) ++seen.process_unanswered;
  if (releases) ++seen.releases.given;
  if (command == Command::hold) ++seen.holds.given;
  const Commands& contrary = command == Command::hold ? seen.releases : seen.holds;
  return {contrary.given > contrary.answered, contrary.given};
}

void Checker::command_answered(const SessionId& id, Command command, Contrary then, bool taken) {
  Seen& seen = sessions_[id];
  if (command == Command::release || command == Command::process) ++seen.releases.answered;
  if (command == Command::hold) ++seen.holds.answered;
  const Commands& contrary = command == Command::hold ? seen.releases : seen.holds;
  const ModelStore::Row* row = store_->row(id);
  const bool alone = row != nullptr && !then.under_way && contrary.given == then.given;
  if (taken && alone && command == Command::hold && !row->durable.hold)
    broken("`hold` was acknowledged, and the session is not held on disk", id);
  if (taken && alone && command == Command::release && row->durable.hold)
    broken("`release` was acknowledged, and the session is held on disk", id);
  if (command != Command::process) return;
  --seen.process_unanswered;
  seen.process_wanted = seen.process_wanted || taken;
}

void Checker::call_sent(const Question& question) {
  ++asks;
  Seen& seen = sessions_[question.id];
  if (seen.in_flight) broken("two calls at once", question.id);
  if (++in_flight_ > plan_.options.max_in_flight)
    broken("more calls at once than upstream.max_connections", question.id);
  const ModelStore::Row* row = store_->row(question.id);
  if (row == nullptr) broken("asked about a session that is not on disk", question.id);
  check_call_fits(question, row->durable);
  if (question.call == Call::initiate) check_initiate(question, seen);
  check_cadence(question, seen);
  check_rate();
  trace_.line("asks", question.id, to_string(question.call));
  seen.in_flight = true;
  seen.unasked = false;
  // An early call does not shift the regular interval.
  if (early(question, seen)) {
    --seen.excuses;
  } else {
    seen.beat = agenda_.steady();
  }
  if (question.call == Call::initiate) seen.intent_on_disk = false;
  seen.last_call = question.call;
  seen.last_ask = agenda_.steady();
}

void Checker::check_call_fits(const Question& question, const Durable& durable) const {
  if (!has_calls(durable)) broken("asked about a session that is final on disk", question.id);
  const bool fetch = question.call == Call::session_status || question.call == Call::insights;
  const bool before = question.call == Call::upload_status || question.call == Call::initiate;
  const bool held_too_long =
      question.call == Call::progress &&
      (durable.state == State::expired || (durable.state == State::completed && !durable.final));
  const bool fits = durable.after_end == AfterEnd::refresh   ? fetch
                    : durable.after_end == AfterEnd::reports ? question.call == Call::insights
                    : durable.after_end == AfterEnd::late_webhook
                        ? question.call == Call::progress
                        : before == (durable.state != State::processing);
  if (!fits && !held_too_long) broken("a call that does not fit the state on disk", question.id);
}

void Checker::check_initiate(const Question& question, const Seen& seen) const {
  const Durable& durable = store_->row(question.id)->durable;
  const Steady now = agenda_.steady();
  if (durable.requested_at == kNoWall) broken("initiate whose intent is not on disk", question.id);
  if (!seen.intent_on_disk) broken("initiate without an intent of its own on disk", question.id);
  if (durable.hold) broken("initiate on a session that is held", question.id);
  if (store_->paused()) broken("initiate on a restored copy before resume", question.id);
  const bool evidence = seen.status == UploadStatus::completed || seen.status == UploadStatus::expired;
  if (!evidence) broken("initiate on no COMPLETED or EXPIRED answer", question.id);
  if (now - seen.status_at > kEvidenceLasts) broken("initiate on an answer that is too old", question.id);
  if (question.not_after > agenda_.elapsed_at(seen.status_at) + kEvidenceLasts)
    broken("initiate may leave on too old an answer", question.id);
  const bool wanted = seen.process_wanted || seen.process_unanswered > 0;
  if (!plan_.policy.auto_process && !wanted) broken("initiate nobody asked for", question.id);
  const bool never = plan_.policy.expired_sessions == ExpiredSessions::stop && !wanted;
  if (seen.status == UploadStatus::expired && never)
    broken("initiate on an expired session, against policy", question.id);
}

/// Whether the call starts before its interval is over.
bool Checker::early(const Question& question, const Seen& seen) const {
  if (seen.beat == kNoSteady || question.call != seen.last_call) return false;
  const Durable& durable = store_->row(question.id)->durable;
  const Duration gap = agenda_.steady() - seen.beat;
  if (question.call == Call::progress) return gap < plan_.policy.progress_interval;
  const bool uploading = durable.state == State::no_uploads || durable.state == State::in_progress;
  return question.call == Call::upload_status && uploading && durable.expires_at == kNoWall &&
         gap < plan_.policy.upload_interval_min;
}

void Checker::check_cadence(const Question& question, const Seen& seen) {
  if (seen.excuses > 0 || !early(question, seen)) return;
  if (early_probes_ == 0) broken("asked faster than its interval", question.id);
  --early_probes_;
}

void Checker::check_rate() {
  const std::uint32_t limit = plan_.options.max_requests_per_second;
  if (limit == 0) return;
  const Steady now = agenda_.steady();
  recent_asks_.push_back(now);
  std::erase_if(recent_asks_, [now](Steady when) { return now - when >= 1s; });
  if (recent_asks_.size() > limit + limit / 10 + 2)
    broken("more calls than upstream.max_requests_per_second", SessionId{});
}

void Checker::call_answered(const Question& question, const Answer& answer) {
  Seen& seen = sessions_[question.id];
  if (!seen.in_flight) return;
  seen.in_flight = false;
  --in_flight_;
  const Trigger trigger = answer.event.trigger;
  if (is_upload_answer(trigger)) {
    // A change resets the interval; so does a new account.
    seen.status = answer.event.upload.status;
    seen.status_at = agenda_.steady() - answer.event.age;
  }
  if (trigger == Trigger::session_status_fetched) {
    const ProcessingFacts& facts = answer.event.processing;
    seen.status_incomplete = facts.failed > 0 || answer.event.error_beside_data;
    seen.error_beside_status = answer.event.error_beside_data;
    seen.an_account_completed = facts.accounts > facts.failed;
  }
  const ModelStore::Row* const row = store_->row(question.id);
  const bool links_only = row != nullptr && awaits_reports(row->durable);
  if (trigger == Trigger::insights_fetched && !links_only) {
    seen.error_beside_insights = answer.event.error_beside_data;
    seen.insights_incomplete =
        answer.event.error_beside_data || (answer.event.lists_no_account && seen.an_account_completed);
    seen.reports.clear();
    for (const ReportLink& link : answer.report_links.links)
      seen.reports.push_back(link.name);
  }
  // A hinted call that failed is retried early. The checker cannot tell which call was hinted; runs without
  // webhooks check the interval strictly.
  if (answer.error && seen.hinted) ++seen.excuses;
  if (trigger == Trigger::not_sent || question.call == Call::initiate) seen.excuses = kExcuses;
}

bool Checker::statements_on_disk(const SessionId& id) const {
  const ModelStore::Row* row = store_->row(id);
  return row != nullptr && row->durable.statements > 0;
}

bool Checker::final_on_disk(const SessionId& id) const {
  const ModelStore::Row* row = store_->row(id);
  return row != nullptr && row->durable.final;
}

void Checker::initiate_arrived(const Truth& truth) {
  if (truth.accepted > 0 && !truth.requested) broken("initiate after it took effect", truth.id);
}

void Checker::row_changed(const SessionId& id, const Durable* before, const Durable& after,
                          const Transition* transition) {
  Seen& seen = sessions_[id];
  const int payloads = std::exchange(seen.payloads_in_write, 0);
  if (before == nullptr) return;
  check_after_end(id, *before, after, transition, payloads);
  check_reports(id, *before, after, transition);
  const bool refresh = transition != nullptr && (transition->trigger == Trigger::refreshed ||
                                                 transition->trigger == Trigger::refresh_refused);
  const bool moved = before->state != after.state || before->final != after.final;
  if (moved != (transition != nullptr && !refresh))
    broken("a state changed without an event, or an event without a change", id);
  if (transition == nullptr) {
    if (before->final && before->after_end == after.after_end && !(*before == after))
      broken("a final session changed", id);
  } else if (!refresh) {
    if (transition->trigger == Trigger::hint) broken("a webhook moved a session", id);
    if (before->state != *transition->from) broken("an event from another state than the session's", id);
    const bool back = rank(after.state) < rank(before->state) || before->final;
    const bool finished_late =
        before->after_end == AfterEnd::late_webhook && transition->trigger == Trigger::progress_finished;
    if (back && !finished_late && !may_go_back(*before, *transition))
      broken("a state was left for an earlier one", id);
    if (after.state == State::enriched) {
      const ModelStore::Row* row = store_->row(id);
      if (row->payloads.size() != 2) broken("ENRICHED without session status and insights on disk", id);
      const bool incomplete = seen.status_incomplete || seen.insights_incomplete;
      if (incomplete != (after.outcome == Outcome::partial)) broken("ENRICHED with the wrong outcome", id);
    }
  }
  if (before->hinted_at != kNoWall && after.hinted_at == kNoWall && seen.last_ask < seen.hint_on_disk)
    broken("a wake-up was lost: no question followed its hint", id);
}

/// A refresh stores both payloads in one write that says so, or none; a late webhook may cost one question
/// an hour.
void Checker::check_after_end(const SessionId& id, const Durable& before, const Durable& after,
                              const Transition* transition, int payloads) const {
  const Seen& seen = sessions_.at(id);
  const Trigger trigger = transition != nullptr ? transition->trigger : Trigger::due;
  if (before.after_end == AfterEnd::refresh) {
    const bool refreshed = trigger == Trigger::refreshed;
    if (payloads != (refreshed ? 2 : 0)) broken("a refresh replaced one of two payloads", id);
    const bool ended = after.after_end != AfterEnd::refresh;
    if (ended != (refreshed || trigger == Trigger::refresh_refused))
      broken("a refresh ended without an event, or an event came before its end", id);
    const bool error = seen.error_beside_status || seen.error_beside_insights;
    if (refreshed && error && before.why != Why::enriched_beside_error)
      broken("a refresh replaced whole data by a part", id);
    const bool incomplete = seen.status_incomplete || seen.insights_incomplete;
    if (refreshed && incomplete != (after.outcome == Outcome::partial))
      broken("refreshed with the wrong outcome", id);
    if (!refreshed && before.outcome != after.outcome) broken("a refused refresh changed the outcome", id);
  } else if (before.state == State::enriched && payloads > 0) {
    broken("the data of an enriched session changed without a refresh", id);
  }
  const bool begins = before.after_end == AfterEnd::nothing && after.after_end == AfterEnd::late_webhook;
  if (begins && before.after_end_since != kNoElapsed &&
      after.after_end_since - before.after_end_since < plan_.policy.after_end_for)
    broken("late webhooks caused two questions within an hour", id);
}

/// ENRICHED comes with all reports that were linked, or with an anomaly that says which are missing, and not
/// much later than it has to.
void Checker::check_reports(const SessionId& id, const Durable& before, const Durable& after,
                            const Transition* transition) const {
  const Seen& seen = sessions_.at(id);
  const bool missing = (after.anomalies & kReportsMissing) != 0;
  const bool enriched =
      transition != nullptr && after.state == State::enriched && before.state != State::enriched;
  if (enriched && !missing) {
    const ModelStore::Row* const row = store_->row(id);
    for (const ReportName& name : seen.reports) {
      if (!row->reports.contains({name.account, name.format}))
        broken("ENRICHED without a report, and no anomaly says so", id);
    }
  }
  if (!awaits_reports(before) || awaits_reports(after)) return;
  const Duration waited = agenda_.now().elapsed - before.after_end_since;
  const bool undisturbed = plan_.share(Fault::disk_full) == 0 && agenda_.steady() - started_at_ > waited;
  if (undisturbed && waited > plan_.policy.reports_patience + 3min)
    broken("it waited for its reports for longer than it may", id);
}

void Checker::report_sent() {
  constexpr std::uint32_t kMostAtOnce = 2;
  if (++reports_in_flight_ > kMostAtOnce) broken("more reports at once than may be", SessionId{});
}

void Checker::payload_stored(const SessionId& id, Call kind, const Payload& payload) {
  const std::string expected = id.text() + std::string(to_string(kind));
  if (!payload.compressed.starts_with(expected)) broken("a payload that BankConnect never sent", id);
  ++sessions_[id].payloads_in_write;
}

void Checker::event_stored(const EventRecord& event) {
  if (event.seq != next_seq_++) broken("a gap in the event log", event.id);
  Seen& seen = sessions_[event.id];
  const Transition& t = event.transition;
  if (t.from.has_value() != seen.has_event || (t.from && *t.from != seen.last_to))
    broken("an event that does not follow the one before", event.id);
  check_patience(event, seen);
  const Steady now = agenda_.steady();
  if (!t.from || *t.from != t.to) seen.state_since = now;
  if (!t.from || t.trigger == Trigger::retry || *t.from == State::failed) seen.followed_from = now;
  seen.has_event = true;
  if (!t.from) seen.unasked = true;
  seen.last_to = t.to;
  if (t.to == State::in_progress || t.to == State::no_uploads) seen.process_wanted = false;
}

/// No session is given up before its configured time, whatever happened to the wall clock. Checks half of
/// that time, as the commit from which it is counted here may have been late.
void Checker::check_patience(const EventRecord& event, const Seen& seen) const {
  const Steady now = agenda_.steady();
  const Reason reason = event.transition.reason;
  if (event.transition.to != State::failed) return;
  if (reason == Reason::processing_timeout && now - seen.state_since < plan_.policy.processing_timeout / 2)
    broken("given up while processing, before its time", event.id);
  if (reason == Reason::not_followed_any_longer && now - seen.followed_from < plan_.policy.follow_for / 2)
    broken("not followed any longer, before its time", event.id);
}

void Checker::erased_on_disk(const SessionId& id) {
  Seen& seen = sessions_[id];
  seen.has_event = false;
  seen.hint_on_disk = kNoSteady;
  seen.erased = true;
}

void Checker::submission_acknowledged(const SessionId& id, bool held) {
  const Seen& seen = sessions_[id];
  const ModelStore::Row* row = store_->row(id);
  if (row == nullptr && !seen.erased) broken("a submission was acknowledged and is not on disk", id);
  if (row != nullptr && held && !row->durable.hold && !seen.released)
    broken("a submission to be held was acknowledged, and is not held on disk", id);
}

void Checker::webhook_acknowledged(const SessionId& id, const std::string& body, WebhookResult result,
                                   Steady came_at) {
  const Seen& seen = sessions_[id];
  if (result == WebhookResult::ignored || seen.erased) return;
  if (!store_->holds_webhook(id, body)) broken("a webhook was acknowledged and is not on disk", id);
  const ModelStore::Row* row = store_->row(id);
  // A session without a call since its submission is due first anyway, after a restart too. One that waits
  // for its reports has its data already.
  const bool live = row != nullptr && !row->durable.final && !awaits_reports(row->durable) && !seen.unasked;
  if (live && result == WebhookResult::accepted && row->durable.hinted_at == kNoWall &&
      seen.last_ask < came_at)
    broken("a webhook was acknowledged without its session's wake-up on disk", id);
}

void Checker::transitioned(const EventRecord& event) {
  if (event.seq >= next_seq_) broken("an event was told before it was on disk", event.id);
  if (event.seq <= last_told_seq_) broken("events were told out of order", event.id);
  last_told_seq_ = event.seq;
  if (trace_.printing()) {
    const Transition& t = event.transition;
    trace_.line(t.from ? to_string(*t.from) : "new", event.id,
                "-> " + std::string(to_string(t.to)) + " (" + std::string(to_string(t.cause)) + ", " +
                    std::string(to_string(t.trigger)) + ")");
  } else {
    trace_.line("moves", event.id, to_string(event.transition.to));
  }
}

}  // namespace bankconnect::simulation
