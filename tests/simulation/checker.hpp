// What may not happen, whatever goes wrong: written from what users are promised, not from how it is kept.
#pragma once

#include <map>
#include <set>

#include "bankconnect/ports.hpp"
#include "tests/simulation/agenda.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/simulation/truth.hpp"

namespace bankconnect::simulation {

class ModelStore;

class Checker final : public Observer {
 public:
  Checker(Agenda& agenda, Trace& trace, const Plan& plan) : agenda_(agenda), trace_(trace), plan_(plan) {}
  void watch(const ModelStore& store) { store_ = &store; }

  // The daemon's lives.
  void daemon_started();
  void daemon_killed();

  // What operators and webhooks do: reasons to ask earlier than planned.
  void commanded(const SessionId& id, Command command);
  void command_answered(const SessionId& id, Command command, bool taken);
  void hinted(const SessionId& id) {
    sessions_[id].excuses += kExcuses;
    sessions_[id].hinted = true;
  }

  // Calls.
  void call_sent(const Question& question);
  void call_answered(const Question& question, const Answer& answer);
  void initiate_arrived(const Truth& truth);

  // What reaches the disk.
  void row_changed(const SessionId& id, const Kept* before, const Kept& after, const Transition* transition);
  void payload_stored(const SessionId& id, Call kind, const Payload& payload);
  void hint_stored(const SessionId& id, Steady came_at) { sessions_[id].hint_on_disk = came_at; }
  void event_stored(const EventRecord& event);
  void erased_on_disk(const SessionId& id);

  // What clients are told.
  void submission_acknowledged(const SessionId& id);
  void hint_acknowledged(const SessionId& id, const std::string& body, HintResult result, Steady came_at);

  // Observer.
  void transitioned(const EventRecord& event) override;
  void changed(const SessionId&) override {}
  void erased(const SessionId&, State) override {}
  void asked(const Question&, Duration) override {}
  void answered(const Question&, const Answer&) override {}
  void anomaly(const SessionId&, Anomaly, std::optional<UploadStatus>) override {}
  void upstream_condition(const UpstreamCondition&) override { condition_changed_ = true; }
  void webhook(const WebhookSeen&) override {}
  void webhook_missed(const SessionId&, News) override { ++missed; }
  void webhook_health(WebhookHealth health) override { health_ = health; }

  std::uint64_t asks = 0;
  std::uint64_t missed = 0;

  [[noreturn]] void broken(const std::string& promise, const SessionId& id) const;

 private:
  static constexpr int kExcuses = 2;

  struct Seen {
    bool in_flight = false;
    Call last_call = Call::upload_status;
    Steady last_ask = kNoSteady;
    int excuses = kExcuses;   ///< so many questions may come early: a hint or an operator came
    Steady beat = kNoSteady;  ///< of the last question that did not
    UploadStatus status = UploadStatus::not_reported;  ///< last answered in this life
    Steady status_at = kNoSteady;
    Steady hint_on_disk = kNoSteady;  ///< when the last hint came that is on disk
    bool process_wanted = false;      ///< by an operator who was told that it is taken
    int process_unanswered = 0;       ///< so many more wait for their answer
    bool unasked = true;              ///< no call since the submission
    State last_to = State::no_uploads;
    bool has_event = false;
    Steady state_since = kNoSteady;    ///< on disk
    Steady followed_from = kNoSteady;  ///< submitted, or retried
    bool hinted = false;               ///< by a webhook, ever
    bool erased = false;               ///< by an operator, once at least
  };

  void check_patience(const EventRecord& event, const Seen& seen) const;
  void check_initiate(const Question& question, const Seen& seen) const;
  bool early(const Question& question, const Seen& seen) const;
  void check_cadence(const Question& question, const Seen& seen) const;
  void check_rate();

  Agenda& agenda_;
  Trace& trace_;
  const Plan& plan_;
  const ModelStore* store_ = nullptr;
  std::map<SessionId, Seen> sessions_;
  std::vector<Steady> recent_asks_;
  std::uint32_t in_flight_ = 0;
  std::uint64_t next_seq_ = 1;
  std::uint64_t last_told_seq_ = 0;
  bool condition_changed_ = false;
  WebhookHealth health_ = WebhookHealth::off;
};

}  // namespace bankconnect::simulation
