// The follower: all live sessions in memory, what is due, what is in flight. It drives `step` and obeys it:
// persist, then do. It knows neither sockets nor files nor threads: everything happens on the thread that
// calls it, and the world is behind the ports.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "bankconnect/clock.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect {

struct Submission {
  SessionId id;
  std::string reference;
  bool hold = false;
};

enum class Command : std::uint8_t { process, hold, release, poll, retry };
std::string_view name(Command);

struct FollowLimits {
  std::uint32_t max_in_flight = 32;             ///< `upstream.max_connections`
  std::uint32_t max_requests_per_second = 100;  ///< 0 = no limit
};

struct Followed {
  std::uint64_t live = 0;       ///< sessions in memory
  std::uint32_t in_flight = 0;  ///< calls to BankConnect
  std::uint32_t committing = 0;
  UpstreamCondition upstream;
  WebhookHealth webhooks = WebhookHealth::off;
  std::uint64_t webhooks_missed = 0;  ///< since the start
  Duration held_for{0};               ///< nothing is asked for so long: BankConnect asked to slow down
};

class Follower {
 public:
  struct World {
    const Clock& clock;
    StorePort& store;
    UpstreamPort& upstream;
    Alarm& alarm;
    Observer& observer;
  };

  /// `seed` feeds jitter only. `policy.webhook_health` says whether webhooks are listened for: anything but
  /// off begins as unproven.
  Follower(const Policy& policy, const FollowLimits& limits, World world, std::uint64_t seed);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// Takes a live session read back at start; it is asked once, spread out. Call `run` after the last one.
  void restore(const SessionRecord& record);

  /// Accepts sessions; a batch is one durable act. `done` has one entry per submission, in order.
  void submit(const std::vector<Submission>& batch, std::function<void(Result<std::vector<Submitted>>)> done);

  /// An operator's command. Errors: SESSION_NOT_FOLLOWED, WRONG_STATE. `done` comes when its effect is
  /// durable.
  void command(const SessionId& id, Command command, const std::function<void(Result<void>)>& done);

  /// A webhook named a session. It moves nothing: it is made durable, and the session is asked about at once.
  /// `done` comes when that is on disk. Error: STORE_UNAVAILABLE: nothing of it is promised, though the
  /// webhook of an unknown session may be kept, and its session be asked once more than needed.
  void hint(Hint hint, std::function<void(Result<HintTaken>)> done);

  /// Erases a session. Error: SESSION_NOT_FOLLOWED, STORE_UNAVAILABLE.
  void erase(const SessionId& id, std::function<void(Result<void>)> done);

  /// The session was erased by retention: it is not followed, should it just have been reopened.
  void forget(const SessionId& id);

  /// Asks all that is due and may be asked now.
  void run();

  /// Credentials or the base URL were changed: a pause for their sake is probed at once.
  void retry_upstream();

  /// Asks nothing new from here on; calls in flight may still end.
  void stop();
  bool idle() const;

  /// Fills in what only memory knows: attempts, next_poll_at, the latest error.
  void fill_in(SessionRecord& record) const;
  Followed followed() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
