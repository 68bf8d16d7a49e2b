// The follower's parts and how they work together; include/bankconnect/follow.hpp says what it gives.
#pragma once

#include <map>
#include <random>

#include "bankconnect/follow.hpp"
#include "src/follow/outgoing.hpp"
#include "src/follow/report_fetches.hpp"
#include "src/follow/schedule.hpp"
#include "src/follow/sessions.hpp"
#include "src/follow/webhook_watch.hpp"

namespace bankconnect::follow {

/// Names a session in a slot to a callback: another session may be in the slot by the time it comes.
struct SlotHandle {
  Slot slot;
  std::uint32_t generation;
};

class SessionFollower final : public Follower {
 public:
  SessionFollower(const Policy& policy, const FollowOptions& options, Dependencies dependencies,
                  std::uint64_t seed);

  void restore(const SessionRecord& record) override;
  void submit(const std::vector<Submission>& batch, Done<std::vector<Submitted>> done) override;
  void command(const SessionId& id, Command command, Done<std::optional<SessionRecord>> done) override;
  void resume(Done<void> done) override;
  void take_webhook(Webhook webhook, Done<StoredWebhook> done) override;
  void erase(const SessionId& id, Done<void> done) override;
  void drop_expired(const SessionId& id) override;
  void run() override;
  void retry_upstream() override;
  void stop() override;
  bool idle() const override { return outgoing_.in_flight() == 0 && committing_ == 0; }
  void fill_in(SessionRecord& record) const override;
  Followed followed() const override;

 private:
  using CommandDone = Done<std::optional<SessionRecord>>;

  /// What an answer brings for the store.
  struct AnswerContent {
    std::optional<std::string> accounts;
    std::shared_ptr<const Payload> payload;
    const char* field = "";
    std::string value;
    std::string statement;
    ReportLinks report_links = {};
    std::vector<ReportWrite> reports = {};
  };

  // Steps and their effects (apply.cpp).
  Event event_of(Trigger trigger);
  Decision decide(const Session& session, const Event& event) const;
  bool apply(Slot slot, const Event& event, AnswerContent content, const CommandDone& done);
  void report_anomalies(const SessionId& id, const Decision& decision);
  SessionWrite write_of(const Tracked& tracked, const Decision& decision, const Event& event,
                        AnswerContent content);
  Evidence evidence_of(const Event& event, AnswerContent& content) const;
  void committed(const SessionId& id, SlotHandle handle, Steady due, const AfterCommit& after,
                 Committed proof, Written written, const CommandDone& done);
  void perform(Slot slot, const Actions& actions, Steady due);
  void reschedule(Slot slot);
  void remove(Slot slot);

  // Calls (calls.cpp).
  void ask(Slot slot, Call call, Steady due);
  void answered(SlotHandle handle, const Question& question, const Departure& departure, Answer answer);
  struct Verdict {
    CallOutcome outcome = CallOutcome::no_verdict;
    bool refused_alone = false;  ///< the session is refused for its own sake
  };
  Verdict judge(SlotHandle handle, const Answer& answer);
  void remember_error(Tracked& tracked, const Answer& answer);
  bool refreshing(Slot slot) const;
  bool set_aside_full() const;
  void report_condition();
  void reschedule_after_outage();
  Turn turn_of(Slot slot, Moment now) const;
  OpenTurns open_turns() const;
  bool waits_for_memory(Slot slot);
  void arm();

  // Reports (reports.cpp).
  std::vector<ReportWrite> track_reports(const Decision& decision, const Event& event,
                                         const ReportLinks& links);
  void restore_reports(const SessionRecord& record);
  void fetch_reports();
  void report_answered(SlotHandle handle, const ReportFetches::Fetch& fetch, ReportAnswer answer);
  void store_report(Slot slot, const ReportFetches::Fetch& fetch, std::shared_ptr<const Payload> report);
  void report_stored(SlotHandle handle, const ReportFetches::Fetch& fetch, const Written& written);

  // Submissions and commands (intake.cpp).
  /// Null when none of the batch is to be held.
  using Batch = std::shared_ptr<const std::vector<Submission>>;
  void take_in_all(const std::vector<Session>& stepped, RequestNumber request,
                   std::vector<Submitted>& outcomes);
  void hold_known(const Batch& batch_with_holds, std::vector<Submitted> outcomes,
                  const Done<std::vector<Submitted>>& done);
  void take_in(const Session& session, const Submitted& outcome, RequestNumber request);
  void place_record(const SessionRecord& record, RequestNumber request);
  void carry_out(const SessionId& id, Command command, const CommandDone& done);
  void with_session(const SessionId& id, std::function<void(Result<Slot>)> then);
  void command_in_memory(Slot slot, Command command, const CommandDone& done);

  // Webhooks (webhooks.cpp).
  void webhook_stored(std::optional<SlotHandle> stepped, const SessionId& id, NotificationSet kinds,
                      const Result<StoredWebhook>& stored, const Done<StoredWebhook>& done);
  std::optional<SessionWrite> step_by_hint(Slot slot, NotificationSet kinds);
  void ask_after_failure(const SessionId& id, NotificationSet kinds, const StoredWebhook& stored,
                         const Done<StoredWebhook>& done);
  void write_wake_up(Slot slot, NotificationSet kinds, const std::function<void()>& done);
  void report_missing_webhooks(Moment now);
  void update_webhook_health();

  SlotHandle handle_of(Slot slot) const { return {slot, sessions_[slot].generation}; }
  bool current(SlotHandle handle) const {
    const Tracked& tracked = sessions_[handle.slot];
    return tracked.holds_session() && tracked.generation == handle.generation;
  }

  const Policy policy_;
  const FollowOptions options_;
  Dependencies dependencies_;
  std::mt19937_64 random_;
  Sessions sessions_;
  Schedule schedule_;
  OutgoingCalls outgoing_;
  WebhookWatch webhook_watch_;
  ReportFetches report_fetches_;
  Conditions conditions_;
  UpstreamCondition reported_;
  RequestNumber last_request_ = 0;
  std::uint32_t committing_ = 0;
  std::map<SessionId, AnswerContent> set_aside_;  ///< of refreshes whose insights are still to come
  bool stopped_ = false;
};

}  // namespace bankconnect::follow
