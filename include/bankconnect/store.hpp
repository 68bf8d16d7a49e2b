// The store as its users see it, whichever engine it is: what the follower writes, what others read, and what
// the daemon does with it as a whole. Callbacks come on the event-loop thread, later, never from inside the
// call they were given to.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/clock.hpp"
#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

template <class T>
using Done = std::function<void(Result<T>)>;

// ---- Writing ----------------------------------------------------------------------------------------------

/// A session to be stored for the first time.
struct NewSession {
  SessionId id;
  std::string reference;
  Durable durable;
  Transition transition;
  bool return_known = false;  ///< `Submitted::record` is wanted also when the session is known already
};

/// What became of one of them.
struct Submitted {
  bool accepted = false;  ///< false: the session was known already
  /// The reference of a known session, where it differs from the one submitted: that one is not stored.
  std::string kept_reference;
  bool reference_filled = false;  ///< the known session had none
  /// Set by the follower, for a known session that was to be held: why it is not.
  std::optional<Error> not_held;
  std::optional<SessionRecord> record;
  Wall hinted_at = kNoWall;  ///< a webhook had come before; its time is in the session's row, too
};

/// A report that came, or why it does not; an error replaces no report that is stored.
struct ReportWrite {
  ReportName name;
  std::shared_ptr<const Payload> report;  ///< null: there is none
  LastError error;
};

/// One durable step of a session. It applies to the submission it was made for: when the row was erased, or
/// the id submitted again, nothing is written.
struct SessionWrite {
  SessionId id;
  Durable durable;          ///< its `submitted_at` says which submission
  bool intent = false;      ///< the intent to initiate is part of it
  bool by_command = false;  ///< an operator's command is the reason
  std::optional<LastError> last_error;
  std::optional<Evidence> evidence;  ///< replaces the stored one
  /// Replaces what an earlier answer to the same call said: SessionRecord::uploaded_accounts,
  /// processed_accounts or statement_progress.
  std::optional<std::string> accounts;
  Call accounts_from = Call::upload_status;
  std::shared_ptr<const Payload> session_status;
  std::shared_ptr<const Payload> insights;
  /// One of the two, by the call that brings it.
  std::shared_ptr<const Payload>& payload(Call kind) {
    return kind == Call::insights ? insights : session_status;
  }
  std::vector<ReportWrite> reports;
  std::optional<Transition> transition;  ///< appended to the event log
  std::string reason_code;               ///< for a transition to FAILED as REFUSED
};

/// What a write left on disk.
struct Written {
  /// Nothing when the session was erased meanwhile: then nothing was written.
  std::optional<SessionRecord> record;
  std::optional<EventRecord> event;  ///< the one that was appended
};

/// A webhook to be stored, and with it what it does to its session.
struct WebhookWrite {
  Webhook webhook;
  bool keep_unknown = true;             ///< false: a webhook for an unknown session is not stored
  std::optional<SessionWrite> session;  ///< the new wake-up time, when the session is in memory
};

class StoreWriter {
 public:
  virtual ~StoreWriter() = default;

  /// All or nothing. An error means that nothing of it was stored.
  virtual void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) = 0;

  /// `done` comes once the write is on disk. While the store cannot be written to it comes late; it never
  /// comes for a write that was not committed.
  virtual void write(SessionWrite write, std::function<void(Committed, Written)> done) = 0;

  /// Whether what a client asks for now can be committed. Error: STORE_UNAVAILABLE.
  virtual void check_writable(Done<void> done) = 0;
  /// False while the disk is full or hangs. Any thread.
  virtual bool writable() const = 0;

  /// All or nothing. When `done` comes with a value the webhook is on disk, in one transaction with its
  /// session's wake-up time.
  virtual void store_webhook(WebhookWrite write, Done<StoredWebhook> done) = 0;

  /// Sessions may be initiated again, after the database was put back from a copy.
  virtual void resume(Done<void> done) = 0;

  /// The state the session was erased in, or nothing when there was no such session.
  virtual void erase(SessionId id, Done<std::optional<State>> done) = 0;

  /// A session that is to be changed: read in order with the writes, so that none is under way.
  virtual void load(SessionId id, Done<std::optional<SessionRecord>> done) = 0;

 protected:
  /// For implementations: the proof of a write that is on disk.
  static Committed committed() { return Committed{}; }
};

// ---- Reading ----------------------------------------------------------------------------------------------

struct SessionQuery {
  std::optional<State> state;
  std::optional<std::string> reference;
  std::uint32_t limit = 100;  ///< at most kMaxSessionsPage
  std::uint64_t after = 0;    ///< the `next` of the page before, 0 for the first
};
inline constexpr std::uint32_t kMaxSessionsPage = 1000;

struct SessionPage {
  std::vector<SessionRecord> sessions;  ///< in the order of submission, without history
  std::uint64_t next = 0;               ///< 0 on the last page
};

struct EventQuery {
  std::uint64_t after = 0;                     ///< events with a larger `seq`, in order
  std::uint32_t limit = 100;                   ///< at most kMaxEventsPage
  std::optional<SessionId> id = std::nullopt;  ///< of this session only
};

struct EventPage {
  std::vector<EventRecord> events;
  std::string log_id;        ///< which log: another one begins when a copy of the database is started
  std::uint64_t oldest = 1;  ///< the oldest `seq` left
  std::uint64_t newest = 0;  ///< 0 before the first event
  bool unknown_session = false;
  bool gone = false;  ///< events right after the asked-for `seq` are past retention
};
inline constexpr std::uint32_t kMaxEventsPage = 1000;

struct WebhookQuery {
  std::optional<SessionId> id;
  std::optional<WebhookResult> result;
  std::uint32_t limit = 100;  ///< at most kMaxWebhooksPage
  std::uint64_t before = 0;   ///< the `next` of the page before, 0 for the newest
};
inline constexpr std::uint32_t kMaxWebhooksPage = 1000;

struct WebhookPage {
  std::vector<WebhookRecord> webhooks;  ///< newest arrival first
  std::uint64_t next = 0;               ///< 0 on the last page
};

struct StoreFacts {
  std::uint64_t size_bytes = 0;
  Duration commit_p50{0};
  Duration commit_p99{0};
  std::uint64_t commits = 0;
  std::uint64_t last_event_seq = 0;  ///< 0 before the first event
  std::string log_id;                ///< see EventPage
  std::uint64_t commands = 0;        ///< see LogPosition
  bool disk_full = false;
  std::optional<SessionId> oldest_live;
  Wall oldest_live_submitted_at = kNoWall;
  Wall last_webhook_at = kNoWall;  ///< kNoWall when none is stored
  std::optional<Registration> registration;
};

/// How the store's writes fare. A write waits from when it is asked for until it is on disk, refused, or
/// deferred for want of space.
struct WriteDelay {
  Duration oldest{0};   ///< of the oldest write that waits now; zero when none does
  Duration longest{0};  ///< the longest wait that ended within kDelayRemembered; `oldest` at least
  /// How long the store has been at one step, during which nothing else is written, or read.
  Duration stuck{0};
  bool held = false;  ///< another process holds the database
};
inline constexpr Duration kDelayRemembered = std::chrono::seconds(8);
inline constexpr Duration kSlowWrite = std::chrono::seconds(1);
/// While a write waits so long, what clients ask to be written is refused at once.
inline constexpr Duration kHangingWrite = std::chrono::seconds(10);

/// Reads what is committed, and does not wait for writes that are under way.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual void session(SessionId id, Done<std::optional<SessionRecord>> done) = 0;
  virtual void sessions(SessionQuery query, Done<SessionPage> done) = 0;
  /// As it is stored: `unpack` gives the bytes.
  virtual void payload(SessionId id, Call kind, Done<std::optional<Payload>> done) = 0;
  virtual void report(SessionId id, ReportName name, Done<std::optional<Payload>> done) = 0;
  virtual void events(EventQuery query, Done<EventPage> done) = 0;
  virtual void webhooks(WebhookQuery query, Done<WebhookPage> done) = 0;
  virtual void facts(Done<StoreFacts> done) = 0;
  /// Any thread; answers also while the disk does not.
  virtual WriteDelay write_delay() const = 0;
};

// ---- The whole --------------------------------------------------------------------------------------------

/// What retention removed in one transaction.
struct Swept {
  std::vector<std::pair<SessionId, State>> erased;
  std::uint64_t events_dropped = 0;
  bool more = false;  ///< call again: there was more than fits into one
};

class Store : public StoreWriter, public StoreReader {
 public:
  ~Store() override = default;

  virtual void save_clock(const ClockSnapshot& snapshot, Done<void> done) = 0;
  /// Replaces the registration stored before.
  virtual void save_registration(Registration registration, Done<void> done) = 0;

  /// Erases at most `limit` sessions that became final before `before`, and the oldest events before
  /// `events_before`.
  virtual void sweep(Elapsed before, Wall events_before, std::uint32_t limit, Done<Swept> done) = 0;
  /// Deletes some of the webhooks kept for sessions that were not submitted within a week. `done` with true:
  /// there may be more.
  virtual void expire_unclaimed(Elapsed now, Done<bool> done) = 0;

  /// Commits what is queued and ends. Blocks until done.
  virtual void close() = 0;
};

using StateCounts = std::array<std::uint64_t, kAllStates.size()>;

/// The store could be opened and not read: damaged, or its disk fails.
class StoreUnreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What an earlier run left, read on the caller's thread. While it exists, everything asked of the store
/// waits. All functions throw StoreUnreadable.
struct LogPosition {
  std::string log_id;
  std::string previous;        ///< the log's name before it was restored; mostly empty
  std::uint64_t newest = 0;    ///< `seq`; 0 before the first event
  std::uint64_t commands = 0;  ///< of operators, erasures among them: these are no events
};

/// Whether a database with the log `now` is an older one than that of which a daemon wrote `before`.
bool went_back(const LogPosition& before, const LogPosition& now);

class StoreRecovery {
 public:
  virtual ~StoreRecovery() = default;

  /// Nothing in a new store.
  virtual std::optional<ClockSnapshot> clock_snapshot() = 0;
  virtual StateCounts count_states() = 0;
  virtual LogPosition log_position() = 0;
  /// Whether this is a copy that was put back, and no operator has called `resume` since.
  virtual bool restored() = 0;
  /// The log went back, although this is no copy that `backup` made: from here on it is one.
  virtual void mark_restored() = 0;
  /// Every live session, in order of submission, without payloads and history; with its reports where it
  /// waits for them.
  virtual void each_live(const std::function<void(const SessionRecord&)>& visit) = 0;
};

}  // namespace bankconnect
