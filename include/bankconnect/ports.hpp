// What the follower needs of the world, as it sees it. The rooms of the shell implement these; tests and
// simulations put their own in place. Every callback comes on the event-loop thread, later, never from inside
// the call that was given it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

/// One durable step of a session.
struct SessionWrite {
  SessionId id;
  Kept kept;
  std::optional<LastError> last_error;
  std::optional<std::string> accounts;  ///< replaces the accounts kept
  std::shared_ptr<const Payload> payload;
  Call payload_kind = Call::session_status;
  std::optional<Transition> transition;  ///< appended to the event log
  std::string reason_code;               ///< for a transition to REFUSED
};

/// A session handed in.
struct NewSession {
  SessionId id;
  std::string reference;
  Kept kept;
  Transition transition;
};

/// What became of one session handed in.
struct Submitted {
  bool accepted = false;  ///< false: it was followed already
  EventRecord event;      ///< set when accepted
};

class StorePort {
 public:
  virtual ~StorePort() = default;

  /// All or nothing. An error means that nothing of it was stored.
  virtual void submit(std::vector<NewSession> sessions,
                      std::function<void(Result<std::vector<Submitted>>)> done) = 0;

  /// `done` comes once the write is on disk, with the event appended, if any. While the disk is full it comes
  /// late; it never comes for a write that was not committed.
  virtual void write(SessionWrite write, std::function<void(Committed, std::optional<EventRecord>)> done) = 0;

  /// A session that is not followed at present.
  virtual void load(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) = 0;

  /// The state the session was erased in, or nothing when there was no such session. When `done` comes with a
  /// value no byte of the session is left in the database's files.
  virtual void erase(SessionId id, std::function<void(Result<std::optional<State>>)> done) = 0;
};

/// One call to be made.
struct Question {
  SessionId id;
  Call call = Call::upload_status;
  Steady not_after = kNever;  ///< do not send later than this; answer Trigger::not_sent instead
};

/// What came of it.
struct Answer {
  Event event;
  int http_status = 0;  ///< 0: there was no HTTP answer
  std::optional<LastError> error;
  std::optional<std::string> accounts;
  std::shared_ptr<const Payload> payload;
  Duration took{0};
};

class UpstreamPort {
 public:
  virtual ~UpstreamPort() = default;
  virtual void ask(const Question& question, std::function<void(Answer)> done) = 0;
};

/// Wakes the follower up: `Follower::run` is to be called at this time or soon after.
class Alarm {
 public:
  virtual ~Alarm() = default;
  virtual void set(Steady at) = 0;
};

/// How upstream is doing as a whole.
struct UpstreamCondition {
  enum class Kind : std::uint8_t { flowing, broken, paused } kind = Kind::flowing;
  std::string code;  ///< of the answer that stopped us
  Wall since = kNoWall;
  bool operator==(const UpstreamCondition&) const = default;
};

/// Is told what happened, and decides nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A transition that is on disk.
  virtual void transitioned(const EventRecord& event) = 0;
  /// Something shown of the session changed; it is on disk.
  virtual void changed(const SessionId& id) = 0;
  virtual void erased(const SessionId& id, State last) = 0;
  /// `late`: how long after it was due the question was asked.
  virtual void asked(const Question& question, Duration late) = 0;
  virtual void answered(const Question& question, const Answer& answer) = 0;
  virtual void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) = 0;
  virtual void upstream_condition(const UpstreamCondition& condition) = 0;
};

}  // namespace bankconnect
