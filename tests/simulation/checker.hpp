// The invariants of a run: derived from what users are promised, not from the implementation.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "tests/simulation/agenda.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/simulation/truth.hpp"
#include "tests/support/ignoring_observer.hpp"

namespace bankconnect::simulation {

class ModelStore;

class Checker final : public test::IgnoringObserver {
 public:
  Checker(Agenda& agenda, Trace& trace, const Plan& plan) : agenda_(agenda), trace_(trace), plan_(plan) {}
  void watch(const ModelStore& store) { store_ = &store; }

  // Starts and kills of the daemon.
  void daemon_started();
  void daemon_killed();

  // Commands and webhooks: reasons for calls earlier than planned.
  /// What a command that is under way may meet: a command to the contrary, before or after it.
  struct Contrary {
    bool under_way = false;  ///< when the command was given
    int given = 0;           ///< until then
  };
  Contrary commanded(const SessionId& id, Command command);
  /// `then`: what `commanded` returned.
  void command_answered(const SessionId& id, Command command, Contrary then, bool taken);
  void submitted_to_be_held(const SessionId& id) { ++sessions_[id].holds.given; }
  void submission_to_be_held_answered(const SessionId& id) { ++sessions_[id].holds.answered; }
  void hinted(const SessionId& id) {
    sessions_[id].excuses += kExcuses;
    sessions_[id].hinted = true;
  }
  /// The configuration was reloaded while the account was refused: one session is asked at once.
  void reloaded() { ++early_probes_; }

  // Calls.
  void call_sent(const Question& question);
  void call_answered(const Question& question, const Answer& answer);
  void initiate_arrived(const Truth& truth);
  void report_sent();
  void report_ended() { --reports_in_flight_; }
  /// Whether the daemon was told of statements, and has that on disk.
  bool statements_on_disk(const SessionId& id) const;
  bool final_on_disk(const SessionId& id) const;

  // Commits.
  void row_changed(const SessionId& id, const Durable* before, const Durable& after,
                   const Transition* transition);
  void payload_stored(const SessionId& id, Call kind, const Payload& payload);
  void intent_stored(const SessionId& id) { sessions_[id].intent_on_disk = true; }
  void webhook_stored(const SessionId& id, Steady came_at) { sessions_[id].hint_on_disk = came_at; }
  void event_stored(const EventRecord& event);
  void erased_on_disk(const SessionId& id);

  // Answers to clients.
  /// `held`: it was to be held, and the answer says nothing else.
  void submission_acknowledged(const SessionId& id, bool held);
  void webhook_acknowledged(const SessionId& id, const std::string& body, WebhookResult result,
                            Steady came_at);

  // Observer.
  void transitioned(const EventRecord& event) override;
  void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus>) override {
    if (anomaly == kReportsMissing && reports_missing) reports_missing(id);
  }
  void upstream_condition(const UpstreamCondition&) override { condition_changed_ = true; }
  void webhook_missed(const SessionId&, Notification) override { ++missed; }
  void webhook_health(WebhookHealth health) override { health_ = health; }

  std::uint64_t asks = 0;
  std::uint64_t missed = 0;
  /// Called when a session has to do without some of its reports.
  std::function<void(const SessionId&)> reports_missing;

  [[noreturn]] void broken(const std::string& promise, const SessionId& id) const;

 private:
  static constexpr int kExcuses = 2;

  struct Commands {
    int given = 0;
    int answered = 0;  ///< or lost with the daemon
  };

  struct Seen {
    bool in_flight = false;
    Call last_call = Call::upload_status;
    Steady last_ask = kNoSteady;
    int excuses = kExcuses;                            ///< calls that may come early, after a hint or command
    Steady beat = kNoSteady;                           ///< the last call that was not early
    UploadStatus status = UploadStatus::not_reported;  ///< last answered since the start
    Steady status_at = kNoSteady;
    Steady hint_on_disk = kNoSteady;  ///< when the last committed hint arrived
    bool process_wanted = false;      ///< a `process` command was acknowledged
    int process_unanswered = 0;       ///< `process` commands without an answer
    bool intent_on_disk = false;      ///< and no initiate was sent since
    bool unasked = true;              ///< no call since the submission
    bool status_incomplete = false;   ///< by the session status answered last
    bool an_account_completed = false;
    bool insights_incomplete = false;  ///< by the insights answered last
    bool error_beside_status = false;
    bool error_beside_insights = false;
    std::vector<ReportName> reports;  ///< linked by the insights answered last
    int payloads_in_write = 0;        ///< of the write being applied
    State last_to = State::no_uploads;
    bool has_event = false;
    Steady state_since = kNoSteady;    ///< on disk
    Steady followed_from = kNoSteady;  ///< submitted, or retried
    bool hinted = false;               ///< ever, by a webhook
    bool erased = false;               ///< at least once
    bool released = false;             ///< a `release` or `process` command was given
    Commands holds;                    ///< and submissions to be held
    Commands releases;                 ///< and `process`
  };

  void check_after_end(const SessionId& id, const Durable& before, const Durable& after,
                       const Transition* transition, int payloads) const;
  void check_reports(const SessionId& id, const Durable& before, const Durable& after,
                     const Transition* transition) const;
  void check_call_fits(const Question& question, const Durable& durable) const;
  void check_patience(const EventRecord& event, const Seen& seen) const;
  void check_initiate(const Question& question, const Seen& seen) const;
  bool early(const Question& question, const Seen& seen) const;
  void check_cadence(const Question& question, const Seen& seen);
  void check_rate();

  Agenda& agenda_;
  Trace& trace_;
  const Plan& plan_;
  const ModelStore* store_ = nullptr;
  std::map<SessionId, Seen> sessions_;
  std::vector<Steady> recent_asks_;
  int early_probes_ = 0;  ///< calls that may come early, of any session, after a reload
  std::uint32_t in_flight_ = 0;
  std::uint32_t reports_in_flight_ = 0;
  Steady started_at_ = kNoSteady;
  std::uint64_t next_seq_ = 1;
  std::uint64_t last_told_seq_ = 0;
  bool condition_changed_ = false;
  WebhookHealth health_ = WebhookHealth::off;
};

}  // namespace bankconnect::simulation
