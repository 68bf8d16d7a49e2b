// The follower's inside. See include/bankconnect/follow.hpp for what it gives.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <functional>
#include <random>

#include "bankconnect/follow.hpp"
#include "src/follow/breaker.hpp"
#include "src/follow/due_queue.hpp"
#include "src/follow/rate_gate.hpp"
#include "src/follow/sessions.hpp"
#include "src/follow/unannounced.hpp"

namespace bankconnect {

class Follower::Impl {
 public:
  using HintReply = std::function<void(Result<HintTaken>)>;

  Impl(const Policy& policy, const FollowLimits& limits, World world, std::uint64_t seed);

  void restore(const SessionRecord& record);
  void submit(const std::vector<Submission>& batch, std::function<void(Result<std::vector<Submitted>>)> done);
  void command(const SessionId& id, Command command, const std::function<void(Result<void>)>& done);
  void hint(Hint hint, HintReply done);
  void erase(const SessionId& id, std::function<void(Result<void>)> done);
  void forget(const SessionId& id);
  void run();
  void retry_upstream();
  void stop();
  bool idle() const { return in_flight_ == 0 && committing_ == 0; }
  void fill_in(SessionRecord& record) const;
  Followed followed() const;

 private:
  using Slot = follow::Slot;
  using Tracked = follow::Tracked;
  using Reply = std::function<void(Result<void>)>;

  /// Which tenant of a slot a callback belongs to.
  struct Ticket {
    Slot slot;
    std::uint32_t generation;
  };

  // Stepping (step.cpp).
  /// What an answer brings along for the store.
  struct Luggage {
    std::optional<std::string> accounts;
    std::shared_ptr<const Payload> payload;
  };
  bool apply(Slot slot, const Event& event, Luggage luggage, const Reply& reply);
  SessionWrite write_of(const Tracked& tracked, const Decision& decision, const Event& event,
                        Luggage luggage) const;
  void committed(Ticket ticket, const AfterCommit& after, Committed proof,
                 const std::optional<EventRecord>& event, const Reply& reply);
  void obey(Slot slot, const Actions& actions);
  void settle(Slot slot);
  Event event_of(Trigger trigger);

  // Asking (ask.cpp).
  follow::DueQueue& queue_of(const Session& session, Moment now);
  void leave_queues(Slot slot);
  void send_back_the_late(Moment now);
  follow::DueQueue* queue_to_serve(Moment now);
  Steady next_wakeup(Moment now) const;
  void ask(Slot slot, Call call);
  void answered(Ticket ticket, const Question& question, bool probe, Answer answer);
  struct Vote {
    bool flows_again = false;    ///< everything may be asked again, after an outage or a pause
    bool refused_alone = false;  ///< the session is refused for its own sake
  };
  Vote cast(Ticket ticket, bool probe, const Answer& answer, Moment now);
  void remember_error(Tracked& tracked, const Answer& answer);
  void report_condition();
  void hurry_everyone(Moment now);
  void arm();

  // Taking in (take_in.cpp).
  void forget_erased(const SessionId& id);
  bool erased_since(const SessionId& id, std::uint64_t operation) const;
  void follow_on(const SessionId& id);
  void carry_out(const SessionId& id, Command command, const Reply& done);
  void command_in_memory(Slot slot, Command command, const Reply& reply);

  // Webhooks (hints.cpp).
  void hint_taken(std::optional<Ticket> affected, const SessionId& id, NewsBits about,
                  const Result<HintTaken>& taken, const HintReply& done);
  std::optional<SessionWrite> step_by_hint(Slot slot, NewsBits about);
  void write_wake_up(Slot slot, NewsBits about, const std::function<void()>& done);
  void found(const SessionId& id, const Finding& finding);
  void miss_overdue(Moment now);
  void judge_channel();

  Ticket ticket(Slot slot) const { return {slot, sessions_[slot].generation}; }
  bool current(Ticket t) const {
    return sessions_[t.slot].used && sessions_[t.slot].generation == t.generation;
  }

  Policy policy_;
  FollowLimits limits_;
  World world_;
  std::mt19937_64 random_;
  follow::Sessions sessions_;
  follow::DueQueue urgent_;  ///< initiate and fetches: they go before polls
  follow::DueQueue polls_;
  follow::DueQueue failing_;  ///< whose last call failed: as polls_, but the last to probe with
  bool probe_else_ = false;   ///< the next probe is rather none of the urgent ones
  follow::RateGate gate_;
  follow::Breaker breaker_;
  WebhookChannel channel_;
  follow::Unannounced unannounced_;
  std::uint64_t webhooks_missed_ = 0;
  UpstreamCondition reported_;
  /// Erased while a call of theirs was in flight: not to be asked about until it ended.
  boost::unordered_flat_set<std::string> lingering_;
  /// Erasures under way, by the number of the operation: what was begun before one and ends after it must not
  /// bring the session back.
  boost::unordered_flat_map<std::string, std::uint64_t> erasing_;
  std::uint64_t operation_ = 0;
  Steady due_of_question_ = kNever;  ///< of the session that `run` is just asking about
  std::uint32_t in_flight_ = 0;
  std::uint32_t committing_ = 0;
  bool stopped_ = false;
};

}  // namespace bankconnect
