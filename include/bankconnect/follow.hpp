// The follower: all live sessions in memory, which of them is asked about next, and what is in flight. It
// drives `step` and carries its decisions out: first the commit, then the effects. It knows neither sockets
// nor files nor threads; all of it happens on the thread that calls it.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "bankconnect/clock.hpp"
#include "bankconnect/ports.hpp"
#include "bankconnect/store.hpp"

namespace bankconnect {

struct Submission {
  SessionId id;
  std::string reference;
  bool hold = false;
  bool return_known = false;  ///< `Submitted::record` is wanted also when the session is known already
};

enum class Command : std::uint8_t { process, hold, release, poll, retry, refresh };
std::string_view to_string(Command);
std::optional<Command> parse_command(std::string_view text);

/// What to do with webhooks for sessions that were not submitted.
enum class UnknownSessions : std::uint8_t {
  keep,    ///< kept for a later submission; no call is made
  follow,  ///< submitted
  ignore
};

struct FollowOptions {
  std::uint32_t max_in_flight = 32;             ///< `upstream.max_connections`
  std::uint32_t max_requests_per_second = 100;  ///< 0 = no limit
  bool webhooks = false;                        ///< there is a listener
  UnknownSessions unknown_sessions = UnknownSessions::keep;
  bool initiate_paused = false;                   ///< a restored copy: nothing is initiated until `resume`
  std::vector<ReportFormat> report_formats = {};  ///< which reports are fetched with the insights
};

/// With the longest pauses between them, so many failures take some minutes.
inline constexpr std::uint16_t kFailingLong = 20;

struct Followed {
  std::uint64_t live = 0;       ///< sessions in memory
  std::uint32_t in_flight = 0;  ///< calls to BankConnect
  std::uint32_t committing = 0;
  UpstreamCondition upstream;
  WebhookHealth webhooks = WebhookHealth::off;
  std::uint64_t webhooks_missed = 0;         ///< since the start
  Duration held_for{0};                      ///< no call leaves for this long: BankConnect asked to slow down
  std::uint64_t failing_long = 0;            ///< sessions whose calls have failed kFailingLong times in a row
  std::optional<SessionId> failing_session;  ///< one of them
  bool initiate_paused = false;              ///< until `resume`
};

/// The error for an id that the store does not hold.
Error not_followed(const SessionId& id);

class Follower {
 public:
  struct Dependencies {
    const Clock& clock;
    StoreWriter& store;
    UpstreamPort& upstream;
    Alarm& alarm;
    Observer& observer;
  };

  virtual ~Follower() = default;

  /// Adds a live session read back at the start; it is asked once, spread out. Call `run` after the last one.
  virtual void restore(const SessionRecord& record) = 0;

  /// Accepts sessions; a batch is one transaction. `done` has one entry per submission, in order.
  virtual void submit(const std::vector<Submission>& batch, Done<std::vector<Submitted>> done) = 0;

  /// An operator's command; `done` comes when its effect is durable, with the session as it was stored, or
  /// with nothing when there was nothing to store. Errors: SESSION_NOT_FOLLOWED, WRONG_STATE,
  /// STORE_UNAVAILABLE.
  virtual void command(const SessionId& id, Command command, Done<std::optional<SessionRecord>> done) = 0;

  /// Sessions may be initiated again, once that is on disk. Errors: WRONG_STATE when nothing is paused,
  /// STORE_UNAVAILABLE.
  virtual void resume(Done<void> done) = 0;

  /// A webhook named a session. It moves nothing: it is stored, and the session is asked about at once.
  /// `done` comes when it is on disk. Error STORE_UNAVAILABLE: nothing is promised, though the webhook of an
  /// unknown session may have been stored, and its session be asked once more than needed.
  virtual void take_webhook(Webhook webhook, Done<StoredWebhook> done) = 0;

  /// Errors: SESSION_NOT_FOLLOWED, STORE_UNAVAILABLE.
  virtual void erase(const SessionId& id, Done<void> done) = 0;

  /// Retention erased the session: it is not followed, should it just have been reopened.
  virtual void drop_expired(const SessionId& id) = 0;

  /// Makes every call that is due and may leave now.
  virtual void run() = 0;

  /// Credentials or the base URL were changed: a pause for their sake is probed at once.
  virtual void retry_upstream() = 0;

  /// No new call leaves from here on; those in flight may still end.
  virtual void stop() = 0;
  /// No call is in flight and no commit is awaited.
  virtual bool idle() const = 0;

  /// Adds what only memory knows: attempts, next_poll_at, the latest error.
  virtual void fill_in(SessionRecord& record) const = 0;
  virtual Followed followed() const = 0;
};

/// `seed` feeds jitter and the salt of hash tables.
std::unique_ptr<Follower> make_follower(const Policy& policy, const FollowOptions& options,
                                        Follower::Dependencies dependencies, std::uint64_t seed);

}  // namespace bankconnect
