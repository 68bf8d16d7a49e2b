// step: the one function that moves a session.
//
//   event → step → one durable commit → effects → their results are new events
//
// What a step wants written comes apart from what it wants done: the second can only be looked at by whoever
// holds a Committed, and a Committed is only to be had for a write that is on disk, or that was empty.
#pragma once

#include <optional>

#include "statemachine/channel.hpp"
#include "statemachine/event.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session.hpp"
#include "statemachine/table.hpp"

namespace bankconnect {

/// A change that readers of the event log see: another state, or the end of trying.
struct Transition {
  std::optional<State> from;  ///< nothing at first
  State to = State::no_uploads;
  Cause cause = Cause::poll;
  Trigger trigger = Trigger::submitted;
  bool final = false;
  Outcome outcome = Outcome::none;
  Reason reason = Reason::none;
  Wall at = kNoWall;
};

/// What has to be on disk before anything else may happen.
struct Persist {
  bool session = false;   ///< the session's Kept changed
  bool accounts = false;  ///< the answer's list of accounts replaces the one kept
  bool payload = false;   ///< the answer's bytes are kept, under the call that brought them
  std::optional<Transition> transition;

  bool empty() const { return !session && !accounts && !payload && !transition; }
};

/// Proof that what had to be persisted is.
class Committed {
 public:
  /// For a step that persists nothing; asserts that it does not.
  static Committed nothing_to_persist(const Persist& persist);
  /// For the store alone, after the commit reached the disk.
  static Committed on_disk() { return Committed{}; }

 private:
  Committed() = default;
};

/// What may happen once the step is durable.
struct Actions {
  std::optional<Call> ask;  ///< send this call now
};

class AfterCommit {
 public:
  const Actions& actions(const Committed&) const { return actions_; }

 private:
  friend struct Stepping;
  Actions actions_;
};

struct Decision {
  Session next;              ///< the session after the step
  const Row* row = nullptr;  ///< the row that was taken; null: the event has no place here, nothing changed
                             ///< but that an unexpected answer backs off
  std::uint8_t anomalies = kNoAnomaly;    ///< Anomaly bits recorded by this step for the first time
  std::optional<UploadStatus> rules_say;  ///< set with kContradictsRules: what the documented rules give
  /// News that a webhook is sent about; only when it is known to have happened since the answer before, or
  /// when a hint announced it.
  std::optional<Finding> found;
  Persist persist;
  AfterCommit after_commit;
};

/// Moves `session` by `event`. Pure: the same arguments give the same decision.
Decision step(const Session& session, const Event& event, Moment now, const Policy& policy);

/// Aborts with the broken invariant's text: going on would initiate wrongly or lose data. Also in release
/// builds.
void require(bool holds, const char* invariant);

}  // namespace bankconnect
