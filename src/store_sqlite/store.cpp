// What can be asked of the store: each is a job for its thread.
#include "src/store_sqlite/disk.hpp"
#include "src/store_sqlite/sqlite_store.hpp"

namespace bankconnect::store_sqlite {

ThreadedStore::ThreadedStore(SqliteOptions options, InstanceLock lock, std::unique_ptr<Connection> connection)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      tables_(std::make_unique<Tables>(*connection_)) {
  Reader::Callbacks callbacks;
  callbacks.post = options_.post;
  callbacks.on_damage = [this](const std::string& why) { fail(why); };
  reader_ = std::make_unique<Reader>(options_.path, std::move(callbacks));
  left_open_ = note_open(lock_);
  wal_holds_erased_ = truncate_wal() != Checkpoint::done;
  files_ = {FileIdentity(options_.path), FileIdentity(options_.path + "-wal")};
  thread_ = std::thread([this] { run(); });
}

ThreadedStore::~ThreadedStore() {
  close();
  reader_.reset();  // the last connection to be closed moves the write-ahead log into the database
  tables_.reset();
  connection_.reset();
}

void ThreadedStore::close() {
  queue_.close();
  if (!thread_.joinable()) return;
  thread_.join();
  reader_->stop();
  note_closed(lock_);
}

WriteDelay ThreadedStore::write_delay() const {
  const auto now = Clock::now();
  WriteDelay delay = progress_.delay(now, queue_.oldest());
  delay.stuck = std::max(delay.stuck, reader_->stuck());
  delay.held = held_;
  return delay;
}

void ThreadedStore::submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) {
  std::uint64_t bytes = 0;
  for (const NewSession& session : sessions)
    bytes += sizeof(NewSession) + session.reference.size();
  enqueue_for_client<std::vector<Submitted>>(
      Job::Kind::write, bytes,
      [sessions = std::move(sessions)](Tables& tables) {
        std::vector<Submitted> results;
        results.reserve(sessions.size());
        for (const NewSession& session : sessions)
          results.push_back(tables.submit(session));
        return results;
      },
      std::move(done));
}

void ThreadedStore::write(SessionWrite write, std::function<void(Committed, Written)> done) {
  Job job;
  job.kind = Job::Kind::write;
  job.work = [write = std::move(write), done = std::move(done)](Tables& tables) -> Completion {
    return [written = tables.write(write), done]() mutable { done(committed(), std::move(written)); };
  };
  queue_.push(std::move(job));
}

void ThreadedStore::check_writable(Done<void> done) {
  enqueue_for_client<void>(
      Job::Kind::write, 0,
      [this](Tables&) {
        reserve_space();
        return Result<void>();
      },
      std::move(done));
}

void ThreadedStore::resume(Done<void> done) {
  enqueue_for_client<void>(
      Job::Kind::write, 0,
      [](Tables& tables) {
        tables.resume();
        return Result<void>();
      },
      std::move(done));
}

void ThreadedStore::store_webhook(WebhookWrite write, Done<StoredWebhook> done) {
  const std::uint64_t bytes = sizeof(WebhookWrite) + write.webhook.body.size();
  enqueue_for_client<StoredWebhook>(
      Job::Kind::write, bytes,
      [write = std::move(write)](Tables& tables) { return tables.store_webhook(write); }, std::move(done));
}

void ThreadedStore::erase(SessionId id, Done<std::optional<State>> done) {
  enqueue_for_client<std::optional<State>>(
      Job::Kind::erase, 0, [id](Tables& tables) { return tables.erase(id); }, std::move(done));
}

void ThreadedStore::load(SessionId id, Done<std::optional<SessionRecord>> done) {
  enqueue_for_client<std::optional<SessionRecord>>(
      Job::Kind::read, 0, [id](Tables& tables) { return tables.session(id); }, std::move(done));
}

void ThreadedStore::session(SessionId id, Done<std::optional<SessionRecord>> done) {
  enqueue_read<std::optional<SessionRecord>>([id](Tables& tables) { return tables.session(id); },
                                             std::move(done));
}

void ThreadedStore::sessions(SessionQuery query, Done<SessionPage> done) {
  enqueue_read<SessionPage>([query](Tables& tables) { return tables.sessions(query); }, std::move(done));
}

void ThreadedStore::payload(SessionId id, Call kind, Done<std::optional<Payload>> done) {
  enqueue_read<std::optional<Payload>>([id, kind](Tables& tables) { return tables.payload(id, kind); },
                                       std::move(done));
}

void ThreadedStore::report(SessionId id, ReportName name, Done<std::optional<Payload>> done) {
  enqueue_read<std::optional<Payload>>(

      [id, name = std::move(name)](Tables& tables) { return tables.reports().find(id, name); },
      std::move(done));
}

void ThreadedStore::events(EventQuery query, Done<EventPage> done) {
  enqueue_read<EventPage>([query](Tables& tables) { return tables.events(query); }, std::move(done));
}

void ThreadedStore::webhooks(WebhookQuery query, Done<WebhookPage> done) {
  enqueue_read<WebhookPage>([query](Tables& tables) { return tables.inbox().webhooks(query); },
                            std::move(done));
}

void ThreadedStore::facts(Done<StoreFacts> done) {
  enqueue_read<StoreFacts>([this](Tables& tables) { return measure(tables); }, std::move(done));
}

void ThreadedStore::save_clock(const ClockSnapshot& snapshot, Done<void> done) {
  enqueue<void>(
      Job::Kind::write,
      [snapshot](Tables& tables) {
        tables.save_clock(snapshot);
        return Result<void>();
      },
      std::move(done));
}

void ThreadedStore::save_registration(Registration registration, Done<void> done) {
  enqueue<void>(
      Job::Kind::write,
      [registration = std::move(registration)](Tables& tables) {
        tables.registrations().save(registration);
        return Result<void>();
      },
      std::move(done));
}

void ThreadedStore::sweep(Elapsed before, Wall events_before, std::uint32_t limit, Done<Swept> done) {
  enqueue<Swept>(
      Job::Kind::sweep, [=](Tables& tables) { return tables.sweep(before, events_before, limit); },
      std::move(done));
}

void ThreadedStore::expire_unclaimed(Elapsed now, Done<bool> done) {
  enqueue<bool>(
      Job::Kind::sweep,
      [now](Tables& tables) { return tables.inbox().expire_unclaimed(now - kUnclaimedAge, kExpiredAtOnce); },
      std::move(done));
}

void ThreadedStore::backup(std::string path, Done<void> done) {
  if (const auto error = reason_to_refuse(write_delay(), queue_.bytes(), 0)) {
    options_.post([done = std::move(done), error] { done(*error); });
    return;
  }
  Job job;
  job.kind = Job::Kind::read;
  job.work = [this, path = std::move(path), done](Tables&) -> Completion {
    if (backup_) return [done] { done(Error{ErrorCode::wrong_state, "a backup is being made already"}); };
    auto started = Backup::start(*connection_, options_.path, path);
    if (started.has_error()) return [done, error = started.error()] { done(error); };
    backup_ = std::move(*started);
    backup_done_ = done;
    return [] {};
  };
  job.refuse = [done](const Error& error) { done(error); };
  queue_.push(std::move(job));
}

StoreFacts ThreadedStore::measure(Tables& tables) const {
  StoreFacts facts;
  facts.size_bytes = size_of(options_.path) + size_of(options_.path + "-wal");
  const WriteProgress::CommitTimes times = progress_.commit_times(Clock::now(), queue_.oldest());
  facts.commit_p50 = times.p50;
  facts.commit_p99 = times.p99;
  facts.commits = times.commits;
  facts.disk_full = disk_full_;
  facts.last_event_seq = tables.last_event_seq();
  const LogPosition position = tables.log_position();
  facts.log_id = position.log_id;
  facts.commands = position.commands;
  facts.last_webhook_at = tables.inbox().last_received_at();
  facts.registration = tables.registrations().last();
  if (const auto oldest = tables.oldest_live()) {
    facts.oldest_live = oldest->first;
    facts.oldest_live_submitted_at = oldest->second;
  }
  return facts;
}

}  // namespace bankconnect::store_sqlite
