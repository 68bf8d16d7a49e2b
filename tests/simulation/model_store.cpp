#include "tests/simulation/model_store.hpp"

#include <algorithm>

namespace bankconnect::simulation {

using namespace std::chrono_literals;

bool ModelStore::strikes(Fault fault) {
  if (!world_.chance.permille(plan_.share(fault))) return false;
  world_.trace.struck(fault);
  return true;
}

const ModelStore::Row* ModelStore::row(const SessionId& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

void ModelStore::enqueue(Job job) {
  queue_.push_back(std::move(job));
  commit_later();
}

void ModelStore::commit_later() {
  if (committing_ || queue_.empty()) return;
  committing_ = true;
  const Duration takes =
      strikes(Fault::commit_slow) ? world_.chance.between(100ms, 20s) : world_.chance.skewed(8ms);
  world_.agenda.after(takes, world_.life.while_alive([this] { commit(); }));
}

void ModelStore::commit() {
  committing_ = false;
  if (strikes(Fault::commit_lost)) return world_.kill();
  std::vector<Deed> told;
  if (world_.agenda.steady() < full_until_) {
    std::vector<Job> waiting;
    for (Job& job : queue_) {
      if (job.refuse) {
        told.push_back([refuse = std::move(job.refuse)] { refuse({ErrorCode::store_unavailable, "full"}); });
      } else {
        waiting.push_back(std::move(job));
      }
    }
    queue_ = std::move(waiting);
    tell(std::move(told));
    committing_ = !queue_.empty();
    if (committing_) world_.agenda.after(500ms, world_.life.while_alive([this] { commit(); }));
    return;
  }
  const std::vector<Job> jobs = std::exchange(queue_, {});
  for (const Job& job : jobs)
    told.push_back(job.work());
  if (strikes(Fault::commit_unheard)) return world_.kill();
  tell(std::move(told));
}

/// Delivers all answers at once and in order, as the real store does.
void ModelStore::tell(std::vector<Deed> told) {
  last_tell_ = std::max(last_tell_, world_.agenda.steady() + world_.chance.skewed(2ms));
  world_.agenda.at(last_tell_, world_.life.while_alive([this, told = std::move(told)] {
    for (const Deed& deed : told)
      deed();
    commit_later();
  }));
}

void ModelStore::forget_the_uncommitted() {
  queue_.clear();
  committing_ = false;
}

EventRecord ModelStore::append(const SessionId& id, const Transition& transition) {
  EventRecord event;
  event.seq = ++seq_;
  event.id = id;
  event.transition = transition;
  world_.checker.event_stored(event);
  return event;
}

Submitted ModelStore::insert(const NewSession& session) {
  if (rows_.contains(session.id)) return {};
  Row& row = rows_[session.id];
  row.place = ++places_;
  row.durable = session.durable;
  const bool hinted =
      std::ranges::any_of(webhooks_, [&session](const auto& hint) { return hint.first.first == session.id; });
  if (hinted) row.durable.hinted_at = session.durable.submitted_at;
  SessionRecord record;
  record.id = session.id;
  record.durable = row.durable;
  record.history.push_back(append(session.id, session.transition));
  Submitted outcome;
  outcome.accepted = true;
  outcome.record = std::move(record);
  outcome.hinted_at = row.durable.hinted_at;
  return outcome;
}

void ModelStore::submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) {
  enqueue({[this, sessions = std::move(sessions), done]() -> Deed {
             std::vector<Submitted> results;
             for (const NewSession& session : sessions)
               results.push_back(insert(session));
             return [results, done] { done(results); };
           },
           [done](const Error& error) { done(error); }});
}

Written ModelStore::apply(const SessionWrite& write) {
  Written written;
  const auto found = rows_.find(write.id);
  if (found == rows_.end() || found->second.durable.submitted_at != write.durable.submitted_at)
    return written;
  Row& row = found->second;
  const Durable before = row.durable;
  row.durable = write.durable;
  for (const auto& [kind, payload] :
       {std::pair(Call::session_status, write.session_status), std::pair(Call::insights, write.insights)}) {
    if (!payload) continue;
    row.payloads[kind] = payload;
    world_.checker.payload_stored(write.id, kind, *payload);
  }
  for (const ReportWrite& report : write.reports) {
    if (report.report) row.reports.emplace(report.name.account, report.name.format);
    if (report.report && report.report->compressed != write.id.text())
      world_.checker.broken("a report of another session was stored", write.id);
  }
  const Transition* const transition = write.transition ? &*write.transition : nullptr;
  if (write.intent) world_.checker.intent_stored(write.id);
  world_.checker.row_changed(write.id, &before, row.durable, transition);
  if (transition != nullptr) written.event = append(write.id, *transition);
  written.record.emplace();
  written.record->id = write.id;
  written.record->durable = row.durable;
  return written;
}

void ModelStore::write(SessionWrite write, std::function<void(Committed, Written)> done) {
  enqueue({[this, write = std::move(write), done]() -> Deed {
             return [written = apply(write), done] { done(committed(), written); };
           },
           nullptr});
}

void ModelStore::check_writable(Done<void> done) {
  enqueue({[done]() -> Deed { return [done] { done({}); }; }, [done](const Error& error) { done(error); }});
}

void ModelStore::resume(Done<void> done) {
  enqueue({[this, done]() -> Deed {
             paused_ = false;
             return [done] { done({}); };
           },
           [done](const Error& error) { done(error); }});
}

StoredWebhook ModelStore::apply(const WebhookWrite& write, Steady came_at) {
  StoredWebhook taken;
  const auto found = rows_.find(write.webhook.id);
  if (found == rows_.end()) {
    taken.result = write.keep_unknown ? WebhookResult::kept : WebhookResult::ignored;
  } else if (found->second.durable.final) {
    taken.result = WebhookResult::recorded;
    taken.failed_with = found->second.durable.reason;
  }
  if (write.session) static_cast<void>(apply(*write.session));
  if (taken.result != WebhookResult::ignored)
    taken.duplicate = ++webhooks_[{write.webhook.id, write.webhook.body}] > 1;
  if (found != rows_.end() && !found->second.durable.final)
    world_.checker.webhook_stored(write.webhook.id, came_at);
  return taken;
}

void ModelStore::store_webhook(WebhookWrite write, Done<StoredWebhook> done) {
  enqueue({[this, write = std::move(write), done, came_at = world_.agenda.steady()]() -> Deed {
             return [taken = apply(write, came_at), done] { done(taken); };
           },
           [done](const Error& error) { done(error); }});
}

void ModelStore::load(SessionId id, Done<std::optional<SessionRecord>> done) {
  enqueue({[this, id, done]() -> Deed {
             std::optional<SessionRecord> record;
             if (const Row* found = row(id)) {
               record.emplace();
               record->id = id;
               record->durable = found->durable;
             }
             return [record, done] { done(record); };
           },
           [done](const Error& error) { done(error); }});
}

void ModelStore::erase(SessionId id, Done<std::optional<State>> done) {
  enqueue({[this, id, done]() -> Deed {
             std::optional<State> state;
             if (const Row* found = row(id)) state = found->durable.state;
             rows_.erase(id);
             std::erase_if(webhooks_, [&id](const auto& hint) { return hint.first.first == id; });
             world_.checker.erased_on_disk(id);
             return [state, done] { done(state); };
           },
           [done](const Error& error) { done(error); }});
}

std::vector<SessionRecord> ModelStore::recovered() const {
  std::vector<std::pair<std::uint64_t, SessionRecord>> live;
  for (const auto& [id, row] : rows_) {
    if (!has_calls(row.durable)) continue;
    SessionRecord record;
    record.id = id;
    record.durable = row.durable;
    for (const auto& [account, format] : row.reports) {
      ReportInfo& report = record.reports.emplace_back();
      report.name = {account, format};
    }
    live.emplace_back(row.place, std::move(record));
  }
  std::ranges::sort(live, {}, &std::pair<std::uint64_t, SessionRecord>::first);
  std::vector<SessionRecord> out;
  for (auto& [place, record] : live)
    out.push_back(std::move(record));
  return out;
}

}  // namespace bankconnect::simulation
