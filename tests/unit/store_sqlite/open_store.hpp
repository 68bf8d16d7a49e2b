// A SQLite store with an event loop that runs on the test's thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "bankconnect/store_sqlite.hpp"
#include "tests/unit/store_sqlite/temp_dir.hpp"

namespace bankconnect::test {

/// Runs what the store posts on the thread that calls `run_until`.
class Loop {
 public:
  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(work));
    }
    ready_.notify_one();
  }

  /// Runs what is posted until `done` is true. False when `timeout` passes first.
  bool run_until(const std::function<bool()>& done,
                 std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!done()) {
      std::function<void()> next;
      {
        std::unique_lock lock(mutex_);
        if (!ready_.wait_for(lock, std::chrono::milliseconds(10), [this] { return !work_.empty(); })) {
          if (std::chrono::steady_clock::now() < end) continue;
          return done();
        }
        next = std::move(work_.front());
        work_.pop_front();
      }
      next();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> work_;
};

/// An open store whose functions are called synchronously; what recovery returned is in its members.
class OpenStore {
 public:
  explicit OpenStore(const std::string& path) {
    SqliteOptions options;
    options.path = path;
    options.post = [this](std::function<void()> work) { loop.post(std::move(work)); };
    options.on_failure = [this](const Error& error) { failure = error; };
    auto opened = open_sqlite_store(std::move(options));
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    store = std::move(opened->store);
    clock = opened->recovery->clock_snapshot();
    counts = opened->recovery->count_states();
    restored = opened->recovery->restored();
    opened->recovery->each_live([this](const SessionRecord& record) { recovered.push_back(record); });
  }

  template <class T, class Ask>
  T wait(Ask ask) {
    auto answer = std::make_shared<std::optional<T>>();
    ask([answer](T value) { answer->emplace(std::move(value)); });
    if (!loop.run_until([&] { return answer->has_value(); }))
      throw std::runtime_error("the store did not answer");
    return std::move(**answer);
  }

  Result<std::vector<Submitted>> submit(std::vector<NewSession> sessions) {
    return wait<Result<std::vector<Submitted>>>([&](auto done) { store->submit(std::move(sessions), done); });
  }
  Written write_whole(SessionWrite write) {
    return wait<Written>([&](auto done) {
      store->write(std::move(write), [done](Committed, Written written) { done(std::move(written)); });
    });
  }
  std::optional<EventRecord> write(SessionWrite write) { return write_whole(std::move(write)).event; }
  Result<std::optional<State>> erase(const SessionId& id) {
    return wait<Result<std::optional<State>>>([&](auto done) { store->erase(id, done); });
  }
  std::optional<SessionRecord> session(const SessionId& id) {
    return *wait<Result<std::optional<SessionRecord>>>([&](auto done) { store->session(id, done); });
  }
  SessionPage sessions(const SessionQuery& query) {
    return *wait<Result<SessionPage>>([&](auto done) { store->sessions(query, done); });
  }
  std::optional<Payload> payload(const SessionId& id, Call kind) {
    return *wait<Result<std::optional<Payload>>>([&](auto done) { store->payload(id, kind, done); });
  }
  EventPage events(std::uint64_t after, std::uint32_t limit = kMaxEventsPage) {
    return *wait<Result<EventPage>>([&](auto done) { store->events({after, limit}, done); });
  }
  Result<void> backup(const std::string& path) {
    return wait<Result<void>>([&](auto done) { store->backup(path, done); });
  }
  Result<void> resume() {
    return wait<Result<void>>([&](auto done) { store->resume(done); });
  }
  StoreFacts facts() {
    return *wait<Result<StoreFacts>>([&](auto done) { store->facts(done); });
  }
  Swept sweep(Wall before, std::uint32_t limit) {
    return *wait<Result<Swept>>([&](auto done) { store->sweep(as_elapsed(before), before, limit, done); });
  }
  Result<StoredWebhook> store_webhook(WebhookWrite write) {
    return wait<Result<StoredWebhook>>([&](auto done) { store->store_webhook(std::move(write), done); });
  }
  /// Queues all of them, then waits; the results in order.
  std::vector<Result<StoredWebhook>> store_webhooks(std::vector<WebhookWrite> writes) {
    std::vector<Result<StoredWebhook>> answers;
    for (WebhookWrite& write : writes)
      store->store_webhook(std::move(write),
                           [&answers](const Result<StoredWebhook>& answer) { answers.push_back(answer); });
    if (!loop.run_until([&] { return answers.size() == writes.size(); }))
      throw std::runtime_error("the store did not answer");
    return answers;
  }
  WebhookPage webhooks(const WebhookQuery& query = {}) {
    return *wait<Result<WebhookPage>>([&](auto done) { store->webhooks(query, done); });
  }
  /// All pages, newest arrival first.
  std::vector<WebhookRecord> all_webhooks(WebhookQuery query = {}) {
    std::vector<WebhookRecord> all;
    query.limit = kMaxWebhooksPage;
    do {
      WebhookPage page = webhooks(query);
      all.insert(all.end(), page.webhooks.begin(), page.webhooks.end());
      query.before = page.next;
    } while (query.before != 0);
    return all;
  }
  /// Calls again while there is more; returns the number of calls.
  int expire_unclaimed(Wall now) {
    int calls = 0;
    bool more = true;
    for (; more; ++calls)
      more = *wait<Result<bool>>([&](auto done) { store->expire_unclaimed(as_elapsed(now), done); });
    return calls;
  }
  Result<void> save_registration(const Registration& registration) {
    return wait<Result<void>>([&](auto done) { store->save_registration(registration, done); });
  }

  Loop loop;
  std::optional<Error> failure;
  std::unique_ptr<SqliteStore> store;
  // As recovery returned it.
  std::optional<ClockSnapshot> clock;
  StateCounts counts{};
  bool restored = false;
  std::vector<SessionRecord> recovered;
};

}  // namespace bankconnect::test
