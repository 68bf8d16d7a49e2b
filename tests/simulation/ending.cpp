// Once faults have stopped, every session has to reach a correct final state within a time limit.
#include "tests/simulation/run.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

namespace {
constexpr Duration kOperatorsLook = 60s;
}  // namespace

/// The time limit for progress: two poll intervals and one request deadline, plus what operators' commands,
/// the settle time and the rate limit add.
Duration Run::progress_limit() const {
  const Policy& policy = plan_.policy;
  const Duration interval =
      std::max({policy.upload_interval_max, policy.safety_interval, policy.refused_interval,
                policy.progress_interval, policy.stalled_interval, policy.recheck_interval});
  const std::int64_t limit =
      plan_.options.max_requests_per_second == 0 ? 100 : plan_.options.max_requests_per_second;
  const auto others = std::chrono::seconds(2 + 8 * static_cast<std::int64_t>(plan_.sessions) / limit);
  const Duration reports =
      plan_.options.report_formats.empty() ? Duration::zero() : policy.reports_patience + kOperatorsLook;
  return reports + 2 * interval + ModelUpstream::kRequestTimeout + policy.settle + 2 * kOperatorsLook +
         others;
}

void Run::stop_faults() {
  calm_ = true;
  calm_since_ = agenda_.steady();
  plan_.permille.fill(0);
  upstream_.fail_until(agenda_.steady());
  upstream_.refuse_until(agenda_.steady());
  store_.full_until(agenda_.steady());
  for (auto& [id, truth] : truths_) {
    truth.vanished_until = kNoSteady;
    truth.odd_until = kNoSteady;
    truth.behind_until = kNoSteady;
    truth.refuses.reset();
  }
  if (!follower_) {
    life_.end();
    start();
  }
  trace_.line("calm", SessionId{});
  for (const auto& [id, row] : store_.rows())
    expect_progress(id);
  resume();
  let_operators_finish();
}

/// Releases holds, sends `process` where it is awaited, and erases an unserved session when no other is left.
void Run::let_operators_finish() {
  bool all_final = true;
  const SessionId* unserved = nullptr;
  bool others = false;
  for (const auto& [id, row] : store_.rows()) {
    if (row.durable.final) continue;
    all_final = false;
    const bool is_unserved = truths_.at(id).unserved && row.durable.state == State::processing;
    if (is_unserved) unserved = &id;
    others = others || !is_unserved;
    const bool waits = row.durable.state == State::completed || row.durable.state == State::expired;
    if (row.durable.hold) command(id, Command::release);
    if (waits && !plan_.policy.auto_process && !row.durable.process_wanted) command(id, Command::process);
  }
  if (unserved != nullptr && !others) erase(SessionId(*unserved));
  // An earlier command may still be uncommitted, and reopen a session.
  const bool nobody_comes_back = agenda_.steady() >= calm_since_ + kOperatorsLook;
  if ((all_final && nobody_comes_back) || std::exchange(operators_look_, true)) return;
  agenda_.after(kOperatorsLook, [this] {
    operators_look_ = false;
    let_operators_finish();
  });
}

void Run::expect_progress(const SessionId& id) {
  const Truth& truth = truths_.at(id);
  for (const Steady milestone : {truth.completes, truth.completes_again, truth.expires, truth.deleted,
                                 truth.finished, truth.requested_elsewhere}) {
    if (milestone != kNever) check_milestone(id, milestone);
  }
}

void Run::check_milestone(const SessionId& id, Steady milestone) {
  const Truth& doubted = truths_.at(id);
  const bool denied = doubted.insights == InsightsAvailable::no && doubted.failed < doubted.accounts;
  const Duration doubt = denied ? plan_.policy.doubt_for + plan_.policy.recheck_interval : Duration::zero();
  const Duration limit = progress_limit() + doubt;
  agenda_.at(std::max(milestone, agenda_.steady()) + limit, [this, id, limit] {
    const ModelStore::Row* row = store_.row(id);
    if (row == nullptr || row->durable.final) return;
    const Truth& truth = truths_.at(id);
    const Steady then = agenda_.steady() - limit;
    if (!truth.found(then)) return;
    if (truth.gone(then)) checker_.broken("a deleted session is followed for too long", id);
    if (truth.requested && truth.finished <= then && !truth.unserved)
      checker_.broken("processing ended, and the session did not", id);
    const bool reopened = truth.reopens <= agenda_.steady() && truth.completes_again > then;
    const bool complete = truth.status(then) == UploadStatus::completed && !truth.requested && !reopened &&
                          truth.status(agenda_.steady()) == UploadStatus::completed;
    if (complete) checker_.broken("uploads are complete, and processing was not asked for", id);
    const bool over = truth.status(then) == UploadStatus::expired && truth.statements(then) == 0;
    if (over) checker_.broken("expired with nothing in it, and not final", id);
  });
}

namespace {

/// What is wrong with this final state of the session; null when nothing is.
const char* wrong_end(const Durable& durable, const Truth& truth, Steady now, const Trace& trace) {
  const auto struck = [&trace](Fault fault) { return trace.faults()[static_cast<std::size_t>(fault)] > 0; };
  const bool all_failed = truth.failed == truth.accounts || truth.insights == InsightsAvailable::no;
  if (durable.state == State::enriched) {
    if (!truth.told) return "ENRICHED, and its insights were never handed out";
    if (all_failed) return "ENRICHED, and every account failed";
    const bool complete = durable.outcome == bankconnect::Outcome::complete;
    return truth.failed > 0 && complete ? "ENRICHED with the wrong outcome" : nullptr;
  }
  if (durable.state == State::expired) {
    return now >= truth.expires ? nullptr : "EXPIRED, and it has not expired";
  }
  switch (durable.reason) {
    case Reason::session_deleted: return truth.gone(now) ? nullptr : "FAILED as deleted, and it is there";
    case Reason::session_not_found:
      return truth.exists_from > Agenda::kBegin || struck(Fault::vanished)
                 ? nullptr
                 : "FAILED as not found, and it always was";
    case Reason::unparsable_statements:
      return truth.unparsable ? nullptr : "FAILED as unparsable, and it is not";
    case Reason::accounts_failed: return all_failed ? nullptr : "FAILED for its accounts, and some are good";
    case Reason::processing_timeout:
      return truth.requested ? nullptr : "FAILED while processing, and nobody asked for it";
    case Reason::key_required:
      return struck(Fault::key_required) ? nullptr : "FAILED for a key, and none was asked for";
    case Reason::refused:
      return struck(Fault::undocumented_code) || struck(Fault::request_forgotten)
                 ? nullptr
                 : "FAILED as refused, and nobody refused it";
    case Reason::not_followed_any_longer: return nullptr;
    default: return "FAILED for no reason";
  }
}

}  // namespace

void Run::check_ends() const {
  for (const auto& [id, row] : store_.rows()) {
    if (!row.durable.final) checker_.broken("it never ends", id);
    if (has_calls(row.durable)) checker_.broken("a question after the end is never answered", id);
    if (const char* wrong = wrong_end(row.durable, truths_.at(id), agenda_.steady(), trace_))
      checker_.broken(wrong, id);
  }
}

}  // namespace bankconnect::simulation
