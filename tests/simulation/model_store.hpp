// A store that keeps only what is committed: it commits late, is full at times, and can be killed before and
// after a commit.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "bankconnect/ports.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/daemon_life.hpp"

namespace bankconnect::simulation {

class ModelStore final : public StoreWriter {
 public:
  struct Row {
    std::uint64_t place = 0;  ///< in order of submission
    Durable durable;
    std::map<Call, std::shared_ptr<const Payload>> payloads;
    std::set<std::pair<std::string, ReportFormat>> reports;
  };

  struct World {
    Agenda& agenda;
    Chance& chance;
    Trace& trace;
    DaemonLife& life;
    Checker& checker;
    std::function<void()> kill;  ///< kills the daemon at once
  };
  ModelStore(World world, const Plan& plan) : world_(std::move(world)), plan_(plan) {}

  void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) override;
  void write(SessionWrite write, std::function<void(Committed, Written)> done) override;
  void check_writable(Done<void> done) override;
  bool writable() const override { return world_.agenda.steady() >= full_until_; }
  void resume(Done<void> done) override;
  void store_webhook(WebhookWrite write, Done<StoredWebhook> done) override;
  void load(SessionId id, Done<std::optional<SessionRecord>> done) override;
  void erase(SessionId id, Done<std::optional<State>> done) override;

  const Row* row(const SessionId& id) const;
  const std::map<SessionId, Row>& rows() const { return rows_; }
  bool holds_webhook(const SessionId& id, const std::string& body) const {
    return webhooks_.contains({id, body});
  }
  /// In order of submission, live ones only.
  std::vector<SessionRecord> recovered() const;
  /// A copy that was put back: nothing may be initiated until `resume` is on disk.
  void pause() { paused_ = true; }
  bool paused() const { return paused_; }
  void full_until(Steady until) { full_until_ = until; }
  /// Drops the writes that were not committed.
  void forget_the_uncommitted();

 private:
  using Deed = std::function<void()>;
  struct Job {
    std::function<Deed()> work;                ///< changes the disk; returns the answer to deliver
    std::function<void(const Error&)> refuse;  ///< empty for the daemon's own writes, which wait
  };

  void enqueue(Job job);
  void commit_later();
  void commit();
  void tell(std::vector<Deed> told);
  bool strikes(Fault fault);
  Submitted insert(const NewSession& session);
  Written apply(const SessionWrite& write);
  EventRecord append(const SessionId& id, const Transition& transition);
  StoredWebhook apply(const WebhookWrite& write, Steady came_at);

  World world_;
  const Plan& plan_;
  std::map<SessionId, Row> rows_;
  std::map<std::pair<SessionId, std::string>, int> webhooks_;
  std::uint64_t seq_ = 0;
  std::uint64_t places_ = 0;
  std::vector<Job> queue_;
  bool committing_ = false;
  bool paused_ = false;
  Steady full_until_ = kNoSteady;
  Steady last_tell_ = kNoSteady;
};

}  // namespace bankconnect::simulation
