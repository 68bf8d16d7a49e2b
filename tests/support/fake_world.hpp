// A world for the follower in which nothing happens by itself: the test moves the clock, commits the writes
// and answers the calls, in the order it likes.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/follow.hpp"
#include "statemachine/require.hpp"
#include "tests/support/print.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;

/// A distinct session id for every number.
inline SessionId id_of(std::uint32_t number) {
  SessionId id;
  for (std::size_t i = 0; i < 4; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

/// So many of them, from this number on.
inline std::vector<SessionId> ids(std::uint32_t count, std::uint32_t first = 0) {
  std::vector<SessionId> out;
  for (std::uint32_t number = first; number < first + count; ++number)
    out.push_back(id_of(number));
  return out;
}

class FakeClock final : public Clock {
 public:
  Moment now() const override { return now_; }
  void pass(Duration time) {
    now_.steady += time;
    now_.wall += time;
    now_.elapsed += time;
  }
  /// Somebody sets the wall clock.
  void move_wall(Duration by) { now_.wall += by; }

 private:
  Moment now_{Steady(1'000'000s), Wall(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1))};
};

/// Keeps what is committed; commits when told to. What was queued and not committed can be lost, as in a
/// crash.
class FakeStore final : public StoreWriter {
 public:
  void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) override {
    queue_.push_back([this, sessions = std::move(sessions), done = std::move(done)] {
      if (refusing) return done(disk_is_full());
      std::vector<Submitted> results;
      for (const NewSession& session : sessions)
        results.push_back(insert(session));
      done(std::move(results));
    });
  }
  void write(SessionWrite write, std::function<void(Committed, Written)> done) override {
    queue_.push_back([this, write = std::move(write), done = std::move(done)] {
      writes.push_back(write);
      Written written;
      const auto record = records.find(write.id);
      if (record != records.end() && record->second.durable.submitted_at == write.durable.submitted_at) {
        record->second.durable = write.durable;
        record->second.last_error = write.last_error;
        if (write.evidence) record->second.evidence = write.evidence;
        for (const ReportWrite& report : write.reports)
          save(record->second, report);
        if (write.transition) written.event = append(write.id, *write.transition);
        written.record = record->second;
      }
      done(committed(), written);
    });
  }
  void store_webhook(WebhookWrite write, Done<StoredWebhook> done) override {
    queue_.push_back([this, write = std::move(write), done = std::move(done)] {
      if (refusing) return done(disk_is_full());
      StoredWebhook stored;
      const auto record = records.find(write.webhook.id);
      if (record != records.end()) {
        stored.result = record->second.durable.final ? WebhookResult::recorded : WebhookResult::accepted;
        stored.failed_with = record->second.durable.reason;
        if (write.session && record->second.durable.submitted_at == write.session->durable.submitted_at)
          record->second.durable = write.session->durable;
      } else {
        stored.result = write.keep_unknown ? WebhookResult::kept : WebhookResult::ignored;
      }
      if (stored.result != WebhookResult::ignored) {
        stored.duplicate = ++webhooks[{write.webhook.id, write.webhook.body}] > 1;
      }
      done(stored);
    });
  }
  void check_writable(Done<void> done) override {
    queue_.push_back([this, done = std::move(done)] {
      if (refusing) return done(disk_is_full());
      done({});
    });
  }
  bool writable() const override { return !refusing; }
  void resume(Done<void> done) override {
    queue_.push_back([this, done = std::move(done)] {
      if (refusing) return done(disk_is_full());
      paused = false;
      done({});
    });
  }
  void load(SessionId id, Done<std::optional<SessionRecord>> done) override {
    queue_.push_back([this, id, done = std::move(done)] {
      const auto record = records.find(id);
      done(record == records.end() ? std::optional<SessionRecord>() : record->second);
    });
  }
  void erase(SessionId id, Done<std::optional<State>> done) override {
    queue_.push_back([this, id, done = std::move(done)] {
      if (refusing) return done(disk_is_full());
      std::erase_if(webhooks, [&id](const auto& webhook) { return webhook.first.first == id; });
      const auto record = records.find(id);
      if (record == records.end()) return done(std::optional<State>());
      const State state = record->second.durable.state;
      records.erase(record);
      const auto erased = [state, done] { done(std::optional<State>(state)); };
      if (!keeping_traces) return erased();
      traces_.push_back(erased);
    });
  }

  std::size_t waiting() const { return queue_.size(); }
  /// Commits what is queued now.
  void commit() {
    for (std::size_t count = queue_.size(); count > 0; --count) {
      const auto job = std::move(queue_.front());
      queue_.pop_front();
      job();
    }
  }
  void lose() { queue_.clear(); }
  /// No byte is left any more of what was erased while `keeping_traces`.
  void empty_log() {
    for (const auto& erased : std::exchange(traces_, {}))
      erased();
  }

  std::map<SessionId, SessionRecord> records;
  std::map<std::pair<SessionId, std::string>, int> webhooks;  ///< how often each body came
  std::vector<SessionWrite> writes;
  std::vector<EventRecord> events;
  bool refusing = false;
  bool paused = false;          ///< a restored copy
  bool keeping_traces = false;  ///< another process reads the database: erasures are on disk, but not done

 private:
  static Error disk_is_full() { return {ErrorCode::store_unavailable, "the disk is full"}; }
  Submitted insert(const NewSession& session) {
    Submitted outcome;
    if (const auto known = records.find(session.id); known != records.end()) {
      std::string& reference = known->second.reference;
      if (reference.empty()) reference = session.reference;
      if (!session.reference.empty() && reference != session.reference) outcome.kept_reference = reference;
      if (session.return_known) outcome.record = known->second;
      return outcome;
    }
    SessionRecord& record = records[session.id];
    record.id = session.id;
    record.reference = session.reference;
    record.durable = session.durable;
    const bool hinted = std::ranges::any_of(
        webhooks, [&session](const auto& webhook) { return webhook.first.first == session.id; });
    if (hinted) outcome.hinted_at = record.durable.hinted_at = session.durable.submitted_at;
    outcome.accepted = true;
    outcome.record = record;
    outcome.record->history.push_back(append(session.id, session.transition));
    return outcome;
  }
  static void save(SessionRecord& record, const ReportWrite& write) {
    std::erase_if(record.reports, [&write](const ReportInfo& report) { return report.name == write.name; });
    ReportInfo report;
    report.name = write.name;
    if (write.report) {
      report.bytes = write.report->bytes;
    } else {
      report.error = write.error;
    }
    record.reports.push_back(std::move(report));
  }
  EventRecord append(const SessionId& id, const Transition& transition) {
    events.push_back({events.size() + 1, false, id, "", transition, ""});
    return events.back();
  }
  std::deque<std::function<void()>> queue_;
  std::vector<std::function<void()>> traces_;
};

/// Calls that were made and are not answered yet, in order.
class FakeUpstream final : public UpstreamPort {
 public:
  struct Asked {
    Question question;
    Steady at;
    std::function<void(Answer)> done;
  };
  explicit FakeUpstream(const Clock& clock) : clock_(clock) {}

  void ask(const Question& question, std::function<void(Answer)> done) override {
    open.push_back({question, clock_.now().steady, std::move(done)});
    log.push_back({question, clock_.now().steady, nullptr});
  }
  void fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) override {
    reports.emplace_back(link, std::move(done));
  }
  bool has_memory() const override { return memory; }
  /// Answers the fetch of the report that was asked for first.
  void answer_report(ReportAnswer answer) {
    require(!reports.empty(), "the test answers a fetch that was begun");
    const auto done = std::move(reports.front().second);
    reports.pop_front();
    done(std::move(answer));
  }
  /// Answers the oldest open call.
  void answer(Answer answer) {
    require(!open.empty(), "the test answers a call that was made");
    Asked asked = std::move(open.front());
    open.pop_front();
    asked.done(std::move(answer));
  }
  std::deque<Asked> open;
  std::deque<std::pair<ReportLink, std::function<void(ReportAnswer)>>> reports;
  std::vector<Asked> log;
  bool memory = true;  ///< for answers that are stored

 private:
  const Clock& clock_;
};

class FakeAlarm final : public Alarm {
 public:
  void set(Steady at_) override { at = at_; }
  Steady at = kNever;
};

class RecordingObserver final : public Observer {
 public:
  void transitioned(const EventRecord& event) override { transitions.push_back(event); }
  void stored(const SessionRecord& record) override { changes.push_back(record.id); }
  void changed(const SessionId& id) override { changes.push_back(id); }
  void erased(const SessionId& id, State) override { erasures.push_back(id); }
  void asked(const Question&, Duration late) override { lateness.push_back(late); }
  void answered(const Question&, const Answer&) override { ++answers; }
  void report(const SessionId&, const ReportName&, const ReportAnswer& answer) override {
    report_results.push_back(answer.result);
  }
  void anomaly(const SessionId&, Anomaly anomaly, std::optional<UploadStatus>) override {
    anomalies.push_back(anomaly);
  }
  void upstream_condition(const UpstreamCondition& condition) override { conditions.push_back(condition); }
  void webhook(const WebhookSeen& seen) override { webhooks.push_back(seen); }
  void webhook_missed(const SessionId& id, Notification kind) override { missed.emplace_back(id, kind); }
  void webhook_health(WebhookHealth health) override { healths.push_back(health); }

  std::vector<EventRecord> transitions;
  std::vector<SessionId> changes;
  std::vector<SessionId> erasures;
  std::vector<Duration> lateness;
  std::vector<Anomaly> anomalies;
  std::vector<UpstreamCondition> conditions;
  std::vector<WebhookSeen> webhooks;
  std::vector<std::pair<SessionId, Notification>> missed;
  std::vector<WebhookHealth> healths;
  std::vector<ReportAnswer::Result> report_results;
  int answers = 0;
};

// Answers in few words.
inline Answer plain(Trigger trigger) {
  Answer answer;
  answer.event.trigger = trigger;
  answer.http_status = 200;
  return answer;
}
inline Answer fault(Trigger trigger, const char* code) {
  Answer answer = plain(trigger);
  answer.http_status = trigger == Trigger::passing_fault ? 503 : 400;
  answer.error = LastError{code, "", Wall{}};
  return answer;
}
inline Answer upload(UploadStatus status, std::uint32_t statements = 1) {
  Answer answer = plain(trigger_of(status));
  answer.event.upload = {status, statements > 0 ? 1U : 0U, statements, statements, kNoWall};
  answer.accounts = "[]";
  return answer;
}
inline Answer session_status(std::uint32_t accounts, std::uint32_t failed) {
  Answer answer = plain(Trigger::session_status_fetched);
  answer.event.processing = {accounts, failed, InsightsAvailable::absent};
  answer.accounts = "[]";
  answer.payload = std::make_shared<const Payload>();
  return answer;
}
inline Answer insights() {
  Answer answer = plain(Trigger::insights_fetched);
  answer.payload = std::make_shared<const Payload>();
  return answer;
}

/// Options of most tests.
inline FollowOptions without_rate_limit() {
  FollowOptions options;
  options.max_requests_per_second = 0;
  return options;
}

/// All of it around a follower.
class FakeWorld {
 public:
  explicit FakeWorld(const Policy& policy = {}, const FollowOptions& options = without_rate_limit())
      : policy_(policy), options_(options) {
    start();
  }

  FakeClock clock;
  FakeStore store;
  FakeUpstream upstream{clock};
  FakeAlarm alarm;
  RecordingObserver observer;
  std::unique_ptr<Follower> follower;

  void start() {
    options_.initiate_paused = store.paused;
    follower = make_follower(policy_, options_, {clock, store, upstream, alarm, observer}, 7);
  }
  /// The daemon dies: what was not committed is lost, calls in flight are answered to nobody.
  void crash_and_restart() {
    store.lose();
    upstream.open.clear();
    upstream.reports.clear();
    alarm.at = kNever;
    start();
    for (const auto& [id, record] : store.records)
      follower->restore(record);
    follower->run();
  }

  std::vector<Submitted> submit(std::vector<SessionId> ids, bool hold = false) {
    std::vector<Submission> batch;
    for (const SessionId& id : ids)
      batch.push_back({id, "", hold, false});
    std::vector<Submitted> results;
    follower->submit(batch, [&](Result<std::vector<Submitted>> outcome) { results = outcome.value(); });
    store.commit();
    return results;
  }
  Result<void> command(const SessionId& id, Command command) {
    Result<void> result;
    follower->command(id, command, [&](const Result<std::optional<SessionRecord>>& outcome) {
      if (outcome.has_error()) result = outcome.error();
    });
    settle();
    return result;
  }
  /// A webhook with this body comes for the session, and is committed.
  Result<StoredWebhook> webhook(const SessionId& id, const std::string& body = "{}") {
    Result<StoredWebhook> result;
    follower->take_webhook({id, "", body, {}, clock.now().wall},
                           [&](Result<StoredWebhook> outcome) { result = std::move(outcome); });
    settle();
    return result;
  }
  /// Commits until nothing waits for a commit.
  void settle() {
    while (store.waiting() > 0)
      store.commit();
  }
  /// Time passes; the alarm rings whenever it is due.
  void pass(Duration time) {
    const Steady end = clock.now().steady + time;
    while (alarm.at <= end) {
      clock.pass(std::max(Duration::zero(), alarm.at - clock.now().steady));
      alarm.at = kNever;
      follower->run();
      settle();
    }
    clock.pass(end - clock.now().steady);
  }
  /// Answers the oldest open call and commits what follows from it.
  void answer(Answer given) {
    upstream.answer(std::move(given));
    settle();
  }
  State state(const SessionId& id) { return store.records.at(id).durable.state; }

 private:
  Policy policy_;
  FollowOptions options_;
};

}  // namespace bankconnect::test
