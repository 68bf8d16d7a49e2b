#include "tests/simulation/run.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

Run::Run(std::uint64_t seed, bool print)
    : plan_(plan_of(seed)),
      chance_(seed ^ 0xa5a5a5a5a5a5a5a5ULL),
      trace_(agenda_, print),
      checker_(agenda_, trace_, plan_),
      store_({agenda_, chance_, trace_, life_, checker_, [this] { kill(); }}, plan_),
      upstream_({agenda_, chance_, trace_, life_, checker_, truths_}, plan_) {
  checker_.watch(store_);
  upstream_.requested = [this](Truth& truth) {
    send_webhook(truth.id, Notification::enrichment, truth.processing);
    if (calm_) check_milestone(truth.id, truth.finished);
  };
  upstream_.report_fetched = [this](const SessionId& id) { command_for_reports(id, Command::poll); };
  checker_.reports_missing = [this](const SessionId& id) { command_for_reports(id, Command::refresh); };
}

Run::~Run() = default;

bool Run::strikes(Fault fault) {
  if (!chance_.permille(plan_.share(fault))) return false;
  trace_.struck(fault);
  return true;
}

RunResult Run::go() {
  const Steady faulty_until = Agenda::kBegin + plan_.faulty;
  if (plan_.share(Fault::copy_put_back) > 0) {
    trace_.struck(Fault::copy_put_back);
    store_.pause();
  }
  start();
  plan_sessions();
  plan_trouble();
  agenda_.at(faulty_until, [this] { stop_faults(); });
  // Late enough for the last session to be given up; a run without pending events ends before.
  const Steady end = faulty_until + plan_.policy.follow_for + plan_.policy.processing_timeout + 24h * 60;
  while (agenda_.step(end)) {
  }
  check_ends();
  RunResult outcome;
  outcome.hash = trace_.hash();
  outcome.steps = agenda_.steps();
  outcome.asks = checker_.asks;
  outcome.sessions = truths_.size();
  outcome.kills = kills_;
  outcome.virtual_time = agenda_.steady() - Agenda::kBegin;
  outcome.faults = trace_.faults();
  return outcome;
}

void Run::start() {
  checker_.daemon_started();
  plan_.options.initiate_paused = store_.paused();
  follower_ = make_follower(plan_.policy, plan_.options, {agenda_, store_, upstream_, *this, checker_},
                            chance_.next());
  for (const SessionRecord& record : store_.recovered())
    follower_->restore(record);
  follower_->run();
}

/// A power failure: memory is lost, the disk is kept, and calls that were sent still take effect.
void Run::kill() {
  ++kills_;
  life_.end();
  ++alarm_;
  store_.forget_the_uncommitted();
  checker_.daemon_killed();
  follower_.reset();
  agenda_.after(chance_.skewed(600s), life_.while_alive([this] { start(); }));
}

void Run::set(Steady at) {
  const std::uint64_t alarm = ++alarm_;
  if (at == kNever) return;
  agenda_.at(at, life_.while_alive([this, alarm] {
    if (alarm == alarm_) follower_->run();
  }));
}

void Run::plan_sessions() {
  for (std::uint32_t number = 1; number <= plan_.sessions; ++number) {
    const Steady from = agenda_.steady() + chance_.skewed(plan_.faulty);
    Truth truth = truth_of(number, from, plan_, chance_);
    const SessionId id = truth.id;
    truths_[id] = std::move(truth);
    plan_webhooks(truths_[id]);
    agenda_.at(from, [this, id] { submit(id); });
  }
}

/// Submits the session repeatedly until it is accepted, as clients do.
void Run::submit(const SessionId& id) {
  const auto again = [this, id] { agenda_.after(5s, [this, id] { submit(id); }); };
  if (!follower_) return again();
  // A killed daemon sends no answer, so the client submits again; submitting is idempotent.
  auto heard = std::make_shared<bool>(false);
  agenda_.after(30s, [again, heard] {
    if (!*heard) again();
  });
  const bool hold = chance_.permille(plan_.commands > 0 ? 100 : 0);
  if (hold) checker_.submitted_to_be_held(id);
  follower_->submit({{id, "", hold, false}},
                    [this, id, hold, heard, again](const Result<std::vector<Submitted>>& result) {
                      *heard = true;
                      if (hold) checker_.submission_to_be_held_answered(id);
                      if (result.has_error()) return again();
                      checker_.submission_acknowledged(id, hold && !result->front().not_held);
                      if (!calm_) return;
                      expect_progress(id);
                      let_operators_finish();
                    });
}

void Run::plan_trouble() {
  const auto sometime = [this] { return agenda_.steady() + chance_.between(0ms, plan_.faulty); };
  const auto occasions = [this](Fault fault) { return plan_.share(fault) == 0 ? 0 : 1 + chance_.below(4); };
  for (auto i = occasions(Fault::daemon_killed); i > 0; --i) {
    agenda_.at(sometime(), [this] {
      if (!follower_ || calm_) return;
      trace_.struck(Fault::daemon_killed);
      kill();
    });
  }
  for (auto i = occasions(Fault::outage); i > 0; --i) {
    agenda_.at(sometime(), [this] {
      if (calm_) return;
      trace_.struck(Fault::outage);
      upstream_.fail_until(agenda_.steady() + chance_.skewed(1h));
    });
  }
  for (auto i = occasions(Fault::account_refused); i > 0; --i) {
    agenda_.at(sometime(), [this] {
      if (calm_) return;
      trace_.struck(Fault::account_refused);
      upstream_.refuse_until(agenda_.steady() + chance_.skewed(1h));
      // An operator reloads the configuration. Its time is fixed, so that it takes no number from the seed.
      agenda_.after(60s, [this] {
        if (!follower_ || calm_) return;
        checker_.reloaded();
        follower_->retry_upstream();
      });
    });
  }
  for (auto i = occasions(Fault::disk_full); i > 0; --i) {
    agenda_.at(sometime(), [this] {
      if (calm_) return;
      trace_.struck(Fault::disk_full);
      store_.full_until(agenda_.steady() + chance_.skewed(600s));
    });
  }
  for (const Fault fault : {Fault::clock_forward, Fault::clock_back}) {
    for (auto i = occasions(fault); i > 0; --i) {
      agenda_.at(sometime(), [this, fault] {
        if (calm_) return;
        trace_.struck(fault);
        agenda_.jump(fault == Fault::clock_forward ? 24h : -24h);
      });
    }
  }
  for (auto i = occasions(Fault::webhook_forged); i > 0 && plan_.webhooks; --i) {
    agenda_.at(sometime(), [this] {
      const std::uint64_t burst = 1 + chance_.below(20);
      for (std::uint64_t n = 0; n < burst && !calm_; ++n)
        agenda_.after(chance_.skewed(10s), [this] { forge_webhook(); });
    });
  }
  for (auto i = occasions(Fault::refreshed); i > 0; --i)
    agenda_.at(sometime(), [this] { refresh_random_session(); });
  if (store_.paused()) agenda_.at(sometime(), [this] { resume(); });
  for (std::uint32_t i = 0; i < plan_.commands; ++i)
    agenda_.at(sometime(), [this] { command_random_session(); });
}

void Run::command_random_session() {
  if (!follower_ || truths_.empty() || calm_) return;
  auto chosen = truths_.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(chance_.below(truths_.size())));
  const SessionId id = chosen->first;
  const std::uint64_t what = chance_.below(11);
  if (what == 10) return erase(id);
  constexpr Command kCommands[] = {Command::process, Command::hold, Command::release, Command::poll,
                                   Command::retry};
  command(id, kCommands[what % 5]);
  // Two operators at once: the later command finds the effect of the earlier one, which is not committed.
  if (what >= 5) command(id, kCommands[what % 5]);
}

/// Operators who wait for reports lose no time.
void Run::command_for_reports(const SessionId& id, Command what) {
  if (calm_ || !strikes(Fault::refreshed)) return;
  const Duration after = chance_.skewed(10s);
  agenda_.after(after, life_.while_alive([this, id, what] {
    if (!calm_) command(id, what);
  }));
}

/// Any session may be named; only an enriched one is refreshed.
void Run::refresh_random_session() {
  if (!follower_ || calm_) return;
  for (const auto& [id, row] : store_.rows()) {
    if (row.durable.state != State::enriched && chance_.below(8) != 0) continue;
    trace_.struck(Fault::refreshed);
    command(SessionId(id), Command::refresh);
    if (chance_.below(2) == 0) return;
  }
}

void Run::command(const SessionId& id, Command command) {
  trace_.line("operator", id, to_string(command));
  const Checker::Contrary contrary = checker_.commanded(id, command);
  follower_->command(id, command,
                     [this, id, command, contrary](const Result<std::optional<SessionRecord>>& done) {
                       checker_.command_answered(id, command, contrary, done.has_value());
                     });
}

/// Until it is done: the answer may be lost, and the disk full.
void Run::resume() {
  if (!store_.paused()) return;
  trace_.line("operator resumes", SessionId{});
  if (follower_) follower_->resume([](const Result<void>&) {});
  agenda_.after(60s, [this] { resume(); });
}

void Run::erase(const SessionId& id) {
  trace_.line("operator", id, "forget");
  follower_->erase(id, [](const Result<void>&) {});
}

}  // namespace bankconnect::simulation
