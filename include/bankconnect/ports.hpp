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
  bool accepted = false;     ///< false: it was followed already
  EventRecord event;         ///< set when accepted
  Wall hinted_at = kNoWall;  ///< a webhook had come before; its time is in the session's row, too
};

/// A hint to be made durable, and with it what it does to its session.
struct HintWrite {
  Hint hint;
  bool keep_unknown = true;             ///< false: a hint for a session nobody submitted is not stored
  std::optional<SessionWrite> session;  ///< the new wake-up time, when the session is in memory
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

  /// Whether what a client asks for now can be kept; room is reserved for it. Error: STORE_UNAVAILABLE.
  virtual void ask_for_room(std::function<void(Result<void>)> done) = 0;
  /// The latest commit found the disk full. Any thread.
  virtual bool full() const = 0;

  /// A session that is not followed at present.
  virtual void load(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) = 0;

  /// All or nothing. When `done` comes with a value the hint is on disk, in one transaction with its
  /// session's wake-up time.
  virtual void take_hint(HintWrite write, std::function<void(Result<HintTaken>)> done) = 0;

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
  int http_status = 0;         ///< 0: there was no HTTP answer
  bool names_session = false;  ///< its body says which session it is about: the one that was asked about
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

/// A webhook that was answered.
struct WebhookSeen {
  std::string
      result;  ///< `accepted`, `duplicate`, `recorded`, `kept`, `ignored`, or the code it was refused with
  int status = 200;  ///< HTTP
  std::string event_name;
  std::optional<SessionId> id;
  std::uint64_t bytes = 0;  ///< of the body; 0 when it was refused before one was read
  Sha256 sha256{};
  Wall at = kNoWall;
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
  virtual void webhook(const WebhookSeen& seen) = 0;
  /// Polling found news of the session, and no webhook announced it within the grace period.
  virtual void webhook_missed(const SessionId& id, News news) = 0;
  virtual void webhook_health(WebhookHealth health) = 0;
};

}  // namespace bankconnect
