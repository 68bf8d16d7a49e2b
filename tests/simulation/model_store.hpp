// A store that keeps what is committed, and nothing else: it commits late, is full at times, and can be
// killed before and after a commit.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "bankconnect/ports.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/daemon_life.hpp"

namespace bankconnect::simulation {

class ModelStore final : public StorePort {
 public:
  struct Row {
    std::uint64_t place = 0;  ///< in order of submission
    Kept kept;
    std::map<Call, std::shared_ptr<const Payload>> payloads;
  };

  struct World {
    Agenda& agenda;
    Chance& chance;
    Trace& trace;
    DaemonLife& life;
    Checker& checker;
    std::function<void()> kill;  ///< the daemon dies here and now
  };
  ModelStore(World world, const Plan& plan) : world_(std::move(world)), plan_(plan) {}

  void submit(std::vector<NewSession> sessions,
              std::function<void(Result<std::vector<Submitted>>)> done) override;
  void write(SessionWrite write, std::function<void(Committed, std::optional<EventRecord>)> done) override;
  void ask_for_room(std::function<void(Result<void>)> done) override;
  bool full() const override { return world_.agenda.steady() < full_until_; }
  void take_hint(HintWrite write, std::function<void(Result<HintTaken>)> done) override;
  void load(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) override;
  void erase(SessionId id, std::function<void(Result<std::optional<State>>)> done) override;

  const Row* row(const SessionId& id) const;
  const std::map<SessionId, Row>& rows() const { return rows_; }
  bool keeps(const SessionId& id, const std::string& body) const { return hints_.contains({id, body}); }
  /// In order of submission, live ones only.
  std::vector<SessionRecord> recovered() const;
  void full_until(Steady until) { full_until_ = until; }
  /// What was not committed is gone.
  void forget_the_uncommitted();

 private:
  using Deed = std::function<void()>;
  struct Job {
    std::function<Deed()> work;                ///< changes the disk; what it returns is told to the daemon
    std::function<void(const Error&)> refuse;  ///< none: the daemon's own, and waits
  };

  void enqueue(Job job);
  void commit_later();
  void commit();
  void tell(std::vector<Deed> told);
  bool strikes(Fault fault);
  Submitted insert(const NewSession& session);
  std::optional<EventRecord> apply(const SessionWrite& write);
  EventRecord append(const SessionId& id, const Transition& transition);
  HintTaken apply(const HintWrite& write, Steady came_at);

  World world_;
  const Plan& plan_;
  std::map<SessionId, Row> rows_;
  std::map<std::pair<SessionId, std::string>, int> hints_;
  std::uint64_t seq_ = 0;
  std::uint64_t places_ = 0;
  std::vector<Job> queue_;
  bool committing_ = false;
  Steady full_until_ = kNoSteady;
  Steady last_tell_ = kNoSteady;
};

}  // namespace bankconnect::simulation
