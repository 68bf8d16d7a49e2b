// A store in a folder of its own, and an event loop that is the test's thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "bankconnect/store.hpp"
#include "tests/unit/store/temp_dir.hpp"

namespace bankconnect::test {

/// Runs what the store posts, on the thread that waits.
class Loop {
 public:
  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(work));
    }
    ready_.notify_one();
  }

  /// Runs what is posted until `done`. False when that did not happen in time.
  bool run_until(const std::function<bool()>& done,
                 std::chrono::milliseconds patience = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!done()) {
      std::function<void()> next;
      {
        std::unique_lock lock(mutex_);
        if (!ready_.wait_until(lock, end, [this] { return !work_.empty(); })) return done();
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

/// A store and the ways to ask it, each waited for.
class OpenStore {
 public:
  explicit OpenStore(const std::string& path) {
    StoreOptions options;
    options.path = path;
    options.post = [this](std::function<void()> work) { loop.post(std::move(work)); };
    options.on_failure = [this](const Error& error) { failure = error; };
    auto opened = Store::open(std::move(options));
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
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
  std::optional<EventRecord> write(SessionWrite write) {
    using Event = std::optional<EventRecord>;
    return wait<Event>([&](auto done) {
      store->write(std::move(write), [done](Committed, Event event) { done(std::move(event)); });
    });
  }
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
    return *wait<Result<EventPage>>([&](auto done) { store->events(after, limit, done); });
  }
  Result<void> backup(const std::string& path) {
    return wait<Result<void>>([&](auto done) { store->backup(path, done); });
  }
  StoreFacts facts() {
    return *wait<Result<StoreFacts>>([&](auto done) { store->facts(done); });
  }
  Swept sweep(Wall before, std::uint32_t limit) {
    return *wait<Result<Swept>>([&](auto done) { store->sweep(as_reckoned(before), before, limit, done); });
  }
  Result<HintTaken> take_hint(HintWrite write) {
    return wait<Result<HintTaken>>([&](auto done) { store->take_hint(std::move(write), done); });
  }
  /// Queued together; how each was answered, in order.
  std::vector<Result<HintTaken>> take_hints(std::vector<HintWrite> writes) {
    std::vector<Result<HintTaken>> answers;
    for (HintWrite& write : writes)
      store->take_hint(std::move(write),
                       [&answers](const Result<HintTaken>& answer) { answers.push_back(answer); });
    if (!loop.run_until([&] { return answers.size() == writes.size(); }))
      throw std::runtime_error("the store did not answer");
    return answers;
  }
  HintPage hints(const HintQuery& query = {}) {
    return *wait<Result<HintPage>>([&](auto done) { store->hints(query, done); });
  }
  /// Every page of them, newest arrival first.
  std::vector<HintRecord> all_hints(HintQuery query = {}) {
    std::vector<HintRecord> all;
    query.limit = kMaxHintsPage;
    do {
      HintPage page = hints(query);
      all.insert(all.end(), page.hints.begin(), page.hints.end());
      query.before = page.next;
    } while (query.before != 0);
    return all;
  }
  /// As often as there is more; how often that was.
  int sweep_hints(Wall now) {
    int goes = 0;
    bool more = true;
    for (; more; ++goes)
      more = *wait<Result<bool>>([&](auto done) { store->sweep_hints(as_reckoned(now), done); });
    return goes;
  }
  Result<void> keep(const Registration& registration) {
    return wait<Result<void>>([&](auto done) { store->keep(registration, done); });
  }

  Loop loop;
  std::optional<Error> failure;
  std::unique_ptr<Store> store;
};

}  // namespace bankconnect::test
