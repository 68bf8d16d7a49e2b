// What live sessions cost in memory, and what asking about them costs in time: the real follower, a store
// that commits at once, and an upstream that answers at once.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/fake_world.hpp"
#include "tests/support/ignoring_observer.hpp"

namespace {

using namespace bankconnect;
using namespace bankconnect::test;

/// Acknowledges writes and drops them: what is measured is the follower.
class ForgetfulStore final : public StoreWriter {
 public:
  void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) override {
    std::vector<Submitted> results(sessions.size());
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      SessionRecord record;
      record.id = sessions[i].id;
      record.durable = sessions[i].durable;
      record.history.push_back({++seq_, false, sessions[i].id, "", sessions[i].transition, ""});
      results[i].accepted = true;
      results[i].record = std::move(record);
    }
    jobs_.push_back(
        [results = std::move(results), done = std::move(done)]() mutable { done(std::move(results)); });
  }
  void write(SessionWrite write, std::function<void(Committed, Written)> done) override {
    jobs_.push_back([id = write.id, durable = write.durable, done = std::move(done)] {
      // Without a record the session counts as erased.
      Written written;
      written.record.emplace();
      written.record->id = id;
      written.record->durable = durable;
      done(committed(), std::move(written));
    });
  }
  void check_writable(Done<void>) override {}
  bool writable() const override { return true; }
  void store_webhook(WebhookWrite, Done<StoredWebhook>) override {}
  void load(SessionId, Done<std::optional<SessionRecord>>) override {}
  void erase(SessionId, Done<std::optional<State>>) override {}
  void resume(Done<void>) override {}
  void commit() {
    while (!jobs_.empty()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
  }

 private:
  std::deque<std::function<void()>> jobs_;
  std::uint64_t seq_ = 0;
};

class CallCounter final : public test::IgnoringObserver {
 public:
  void asked(const Question&, Duration) override { ++calls; }
  std::uint64_t calls = 0;
};

class PromptUpstream final : public UpstreamPort {
 public:
  void ask(const Question& question, std::function<void(Answer)> done) override {
    open.push_back({question, std::move(done)});
  }
  void fetch_report(const ReportLink&, std::function<void(ReportAnswer)>) override {}
  void answer_all() {
    while (!open.empty()) {
      auto [question, done] = std::move(open.front());
      open.pop_front();
      done(question.call == Call::upload_status ? upload(UploadStatus::completed)
           : question.call == Call::initiate    ? plain(Trigger::accepted)
                                                : plain(Trigger::still_processing));
    }
  }
  std::deque<std::pair<Question, std::function<void(Answer)>>> open;
};

std::size_t resident_kib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000);
  FakeClock clock;
  ForgetfulStore store;
  PromptUpstream upstream;
  FakeAlarm alarm;
  CallCounter observer;
  FollowOptions options;
  options.max_in_flight = 1024;
  options.max_requests_per_second = 0;
  const auto follower =
      make_follower({}, options, Follower::Dependencies{clock, store, upstream, alarm, observer}, 7);
  const std::size_t before = resident_kib();
  for (std::uint32_t i = 0; i < count; i += 1000) {
    std::vector<Submission> batch;
    for (std::uint32_t j = i; j < std::min(i + 1000, count); ++j)
      batch.push_back({id_of(j), "", false, false});
    follower->submit(batch, [](const auto&) {});
    store.commit();
  }
  const auto answer_calls = [&] {
    while (!upstream.open.empty()) {
      upstream.answer_all();
      store.commit();
      follower->run();
    }
  };
  answer_calls();
  malloc_trim(0);  // what was freed is no session's
  const std::size_t after = resident_kib();
  const auto calls_before = observer.calls;
  const auto began = std::chrono::steady_clock::now();
  constexpr int kSeconds = 20;
  for (int step = 0; step < kSeconds * 100; ++step) {
    clock.pass(10ms);
    follower->run();
    answer_calls();
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double calls = static_cast<double>(observer.calls - calls_before);
  if (follower->followed().live != count || calls < count) {
    std::puts("not all sessions were followed: nothing was measured");
    return 1;
  }
  std::printf(
      "%u live sessions: %.0f bytes each; %.0f questions in %.2f s of one core: %.2f us each, %.1f %% of a "
      "core at this cadence\n",
      count, static_cast<double>(after - before) * 1024 / count, calls, took, took / calls * 1e6,
      took / kSeconds * 100);
  return 0;
}
