// BankConnect as documented, behind a network that loses, delays and corrupts messages.
#pragma once

#include <map>
#include <vector>

#include "bankconnect/ports.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/daemon_life.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/simulation/truth.hpp"

namespace bankconnect::simulation {

class ModelUpstream final : public UpstreamPort {
 public:
  static constexpr Duration kRequestTimeout = std::chrono::seconds(30);

  struct World {
    Agenda& agenda;
    Chance& chance;
    Trace& trace;
    DaemonLife& life;
    Checker& checker;
    std::map<SessionId, Truth>& truths;
  };
  /// `plan` has to outlive this; faults stop when its shares become zero.
  ModelUpstream(World world, const Plan& plan) : world_(world), plan_(plan) {}

  void ask(const Question& question, std::function<void(Answer)> done) override;

  void fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) override;

  void fail_until(Steady until) { down_until_ = until; }
  void refuse_until(Steady until) { refused_until_ = intermediary_until_ = until; }
  /// Called when processing of a session was requested, so that its end can be planned.
  std::function<void(Truth&)> requested;
  /// Called when a report of the session is fetched.
  std::function<void(const SessionId&)> report_fetched;

 private:
  bool strikes(Fault fault);
  Answer answer_to(const Question& question);
  Answer cached(const Truth& truth, Answer answer);
  Answer answer_of(const Question& question, Truth& truth);
  Answer upload_status_of(const Truth& truth);
  Answer initiate_of(Truth& truth);
  Trigger any_refusal(Call call);
  Answer processing_of(Call call, Truth& truth);
  Answer with_links(Answer answer, const Question& question, const Truth& truth);
  ReportAnswer report_of(const ReportLink& link);

  World world_;
  const Plan& plan_;
  Steady down_until_ = kNoSteady;
  Steady refused_until_ = kNoSteady;
  Steady intermediary_until_ = kNoSteady;                 ///< a proxy answers in place of BankConnect
  std::map<SessionId, std::pair<Answer, Steady>> cache_;  ///< the last upload status, and when it was true
};

}  // namespace bankconnect::simulation
