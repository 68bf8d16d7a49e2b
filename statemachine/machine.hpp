// step: the function that moves a session and plans its next question. Nothing else changes a Session.
//
//   event → step → one durable commit → effects → their results are new events
//
// A decision separates what has to be stored (Persist) from what may happen afterwards (AfterCommit). The
// second can only be read with a Committed, and a Committed exists only for a write that reached the disk, or
// for one that was empty.
#pragma once

#include <optional>

#include "statemachine/event.hpp"
#include "statemachine/policy.hpp"
#include "statemachine/session.hpp"
#include "statemachine/table.hpp"

namespace bankconnect {

class StoreWriter;

/// A change that readers of the event log see: another state, or the end of trying.
struct Transition {
  std::optional<State> from;  ///< nothing for the first event of a session
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
  bool session = false;    ///< the session's Durable part
  bool intent = false;     ///< with it the intent to initiate: each initiate rests on a write of its own
  bool evidence = false;   ///< with it the answer that decided: the session's `why` is another one now
  bool accounts = false;   ///< the answer's list of accounts replaces the stored one
  bool payload = false;    ///< the answer's bytes are stored, under the call that brought them
  bool set_aside = false;  ///< with them what an answer before brought, which was set aside
  std::optional<Transition> transition;

  bool empty() const { return !session && !accounts && !payload && !transition; }
};

/// Proof that what had to be stored is on disk.
class Committed {
 public:
  /// For a step that stores nothing; asserts that it does not.
  static Committed nothing_to_persist(const Persist& persist);

 private:
  friend class StoreWriter;
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
  const Row* row = nullptr;  ///< the row that was taken; null when none fits: then nothing changed, but that
                             ///< an unexpected answer backs off
  std::uint16_t anomalies = kNoAnomaly;   ///< Anomaly bits recorded by this step for the first time
  std::optional<UploadStatus> rules_say;  ///< set with kContradictsRules: what the documented rules give
  /// Set when the change is known to have happened since the answer before, or was announced by a hint.
  std::optional<Discovery> discovery;
  /// What the answer brought is kept in memory, to be stored with that of the next answer or not at all.
  bool set_aside = false;
  Persist persist;
  AfterCommit after_commit;
};

/// Moves `session` by `event`. Pure: the same arguments give the same decision.
Decision step(const Session& session, const Event& event, Moment now, const Policy& policy,
              Conditions conditions);

}  // namespace bankconnect
