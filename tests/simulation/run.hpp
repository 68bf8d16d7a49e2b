// One run of a seed, first with faults and then without, with all of its checks.
#pragma once

#include <memory>

#include "tests/simulation/model_store.hpp"
#include "tests/simulation/model_upstream.hpp"

namespace bankconnect::simulation {

struct RunResult {
  std::uint64_t hash = 0;  ///< of everything that happened
  std::uint64_t steps = 0;
  std::uint64_t asks = 0;
  std::uint64_t sessions = 0;
  std::uint64_t kills = 0;
  Duration virtual_time{0};
  std::array<std::uint64_t, kFaults> faults{};
};

class Run final : private Alarm {
 public:
  Run(std::uint64_t seed, bool print);
  ~Run() override;

  /// Throws Broken when an invariant is violated.
  RunResult go();

 private:
  // Starts and kills of the daemon.
  void start();
  void kill();
  void set(Steady at) override;

  // Clients and operators.
  void plan_sessions();
  void plan_trouble();
  void submit(const SessionId& id);
  void command_random_session();
  void refresh_random_session();
  void command_for_reports(const SessionId& id, Command what);
  void command(const SessionId& id, Command command);
  void erase(const SessionId& id);
  void resume();

  // Webhooks (webhooks.cpp).
  void plan_webhooks(Truth& truth);
  void send_webhook(const SessionId& id, Notification kind, Duration after);
  void deliver(const SessionId& id, const std::string& event_name, const std::string& body);
  void forge_webhook();
  bool may_be_late(const SessionId& id);
  void expect_question(const SessionId& id);

  // The end (ending.cpp).
  void stop_faults();
  void let_operators_finish();
  void expect_progress(const SessionId& id);
  void check_milestone(const SessionId& id, Steady milestone);
  void check_ends() const;
  Duration progress_limit() const;

  bool strikes(Fault fault);

  Plan plan_;
  Chance chance_;
  Agenda agenda_;
  Trace trace_;
  DaemonLife life_;
  Checker checker_;
  std::map<SessionId, Truth> truths_;
  ModelStore store_;
  ModelUpstream upstream_;
  std::unique_ptr<Follower> follower_;
  std::uint64_t alarm_ = 0;  ///< number of the alarm set last
  std::uint64_t kills_ = 0;
  std::uint64_t forged_ = 0;
  bool operators_look_ = false;  ///< the next check is scheduled
  bool calm_ = false;            ///< faults have stopped
  Steady calm_since_ = kNever;
};

}  // namespace bankconnect::simulation
