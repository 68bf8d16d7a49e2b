#include "tests/transcripts/replay/narrated_store.hpp"

#include <algorithm>

#include "tests/transcripts/replay/changes.hpp"

namespace bankconnect::transcripts {

template <class... Args>
auto NarratedStore::later(std::function<void(Args...)> done) {
  return
      [this, done = std::move(done)](Args... args) { news_.push_back([done, args...] { done(args...); }); };
}

void NarratedStore::enqueue(Job job) {
  if (narrates_queue_) narrator_.tell("queued: " + job.what);
  queue_.push_back(std::move(job));
}

bool NarratedStore::waiting(const SessionId& id) const {
  return !news_.empty() ||
         std::ranges::any_of(queue_, [&id](const Job& job) { return std::ranges::count(job.about, id) > 0; });
}

/// As the session will be once all that waits is on disk.
Durable NarratedStore::latest(const SessionId& id) const {
  for (auto job = queue_.rbegin(); job != queue_.rend(); ++job)
    if (job->durable && job->about.front() == id) return *job->durable;
  const auto record = disk_.records.find(id);
  return record == disk_.records.end() ? Durable{} : record->second.durable;
}

std::string NarratedStore::described(const SessionWrite& write) const {
  return transcripts::session(write.id) + " " + changes(latest(write.id), write, narrator_);
}

void NarratedStore::submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) {
  Job job{Kind::asked_for, {}, "", std::nullopt, nullptr};
  for (const NewSession& submitted : sessions) {
    job.about.push_back(submitted.id);
    job.what += (job.what.empty() ? "new " : ", new ") + transcripts::session(submitted.id);
    if (!submitted.reference.empty()) job.what += " (" + submitted.reference + ")";
    if (submitted.durable.hold) job.what += " held";
  }
  job.work = [this, sessions, what = job.what, told = later(std::move(done))] {
    const auto before = disk_.records;
    disk_.submit(sessions, told);
    disk_.commit();
    std::string also;
    for (const NewSession& submitted : sessions) {
      const auto record = disk_.records.find(submitted.id);
      if (record == disk_.records.end()) continue;  // refused
      if (before.contains(submitted.id)) {
        also += ", but " + transcripts::session(submitted.id) + " was there already";
      } else if (record->second.durable.hinted_at != kNoWall) {
        also += ", to be woken by the webhook kept for " + transcripts::session(submitted.id);
      }
    }
    return what + also;
  };
  enqueue(std::move(job));
}

void NarratedStore::write(SessionWrite write, std::function<void(Committed, Written)> done) {
  Job job{Kind::own, {write.id}, described(write), write.durable, nullptr};
  job.work = [this, write, what = job.what, told = later(std::move(done))] {
    const bool there = disk_.records.contains(write.id);
    disk_.write(write, told);
    disk_.commit();
    return there ? what : "nothing, " + transcripts::session(write.id) + " is gone";
  };
  enqueue(std::move(job));
}

void NarratedStore::check_writable(Done<void> done) {
  Job job{Kind::asked_for, {}, "room for a command", std::nullopt, nullptr};
  job.work = [this, what = job.what, told = later(std::move(done))] {
    disk_.check_writable(told);
    disk_.commit();
    return what;
  };
  enqueue(std::move(job));
}

void NarratedStore::resume(Done<void> done) {
  Job job{Kind::asked_for, {}, "resumed", std::nullopt, nullptr};
  job.work = [this, what = job.what, told = later(std::move(done))] {
    disk_.resume(told);
    disk_.commit();
    return what;
  };
  enqueue(std::move(job));
}

/// As opening a copy does.
void NarratedStore::put_back_a_copy() {
  disk_.paused = true;
  for (auto& [id, record] : disk_.records)
    record.durable.restored = !record.durable.final;
}

void NarratedStore::store_webhook(WebhookWrite write, Done<StoredWebhook> done) {
  const SessionId id = write.webhook.id;
  Job job{Kind::asked_for,
          {id},
          "webhook for " + transcripts::session(id) + ", body " + write.webhook.body,
          std::nullopt,
          nullptr};
  if (write.session) {
    job.what += "; " + described(*write.session);
    job.durable = write.session->durable;
  }
  job.work = [this, write, what = job.what, told = later(std::move(done))] {
    disk_.store_webhook(write, told);
    disk_.commit();
    return what;
  };
  enqueue(std::move(job));
}

void NarratedStore::load(SessionId id, Done<std::optional<SessionRecord>> done) {
  Job job{Kind::read, {}, "reading of " + transcripts::session(id), std::nullopt, nullptr};
  job.work = [this, id, told = later(std::move(done))] {
    disk_.load(id, told);
    disk_.commit();
    const auto record = disk_.records.find(id);
    if (record == disk_.records.end()) return "no " + transcripts::session(id);
    const Durable& durable = record->second.durable;
    return transcripts::session(id) + " " +
           where(durable.state, durable.final, durable.outcome, durable.reason);
  };
  enqueue(std::move(job));
}

void NarratedStore::erase(SessionId id, Done<std::optional<State>> done) {
  Job job{Kind::asked_for, {id}, "erasure of " + transcripts::session(id), std::nullopt, nullptr};
  job.work = [this, id, told = later(std::move(done))] {
    const bool there = disk_.records.contains(id);
    disk_.erase(id, told);
    disk_.commit();
    return there ? transcripts::session(id) + " erased" : "no " + transcripts::session(id) + " to erase";
  };
  enqueue(std::move(job));
}

void NarratedStore::sweep(SessionId id, std::function<void()> erased) {
  Job job{Kind::own, {id}, "retention of " + transcripts::session(id), std::nullopt, nullptr};
  job.work = [this, id, told = std::move(erased)] {
    const auto record = disk_.records.find(id);
    if (record == disk_.records.end() || !record->second.durable.final)
      return "retention leaves " + transcripts::session(id) + " alone";
    disk_.erase(id, [](const Result<std::optional<State>>&) {});
    disk_.commit();
    news_.push_back(told);
    return transcripts::session(id) + " erased by retention";
  };
  enqueue(std::move(job));
}

/// Writes first, reads after them, as in the real store.
void NarratedStore::run_on_disk(const std::vector<Job>& jobs) {
  for (const Job& job : jobs)
    if (job.kind != Kind::read) narrator_.tell("on disk: " + job.work());
  for (const Job& job : jobs)
    if (job.kind == Kind::read) narrator_.tell("read: " + job.work());
}

void NarratedStore::commit() {
  full_ = false;
  run_on_disk(std::exchange(queue_, {}));
}

void NarratedStore::refuse() {
  full_ = true;
  std::vector<Job> reads;
  for (Job& job : std::exchange(queue_, {})) {
    if (job.kind == Kind::own) {
      narrator_.tell("waits: " + job.what);
      queue_.push_back(std::move(job));
    } else if (job.kind == Kind::read) {
      reads.push_back(std::move(job));
    } else {
      narrator_.tell("refused: " + job.what);
      disk_.refusing = true;
      static_cast<void>(job.work());
      disk_.refusing = false;
    }
  }
  run_on_disk(reads);
}

void NarratedStore::hear() {
  for (const auto& told : std::exchange(news_, {}))
    told();
}

void NarratedStore::crash() {
  for (const Job& job : queue_)
    narrator_.tell("lost: " + job.what);
  queue_.clear();
  news_.clear();
}

}  // namespace bankconnect::transcripts
