// Making a follower, and telling what it does.
#include "src/follow/session_follower.hpp"

namespace bankconnect {

std::string_view to_string(Command command) {
  switch (command) {
    case Command::process: return "process";
    case Command::hold: return "hold";
    case Command::release: return "release";
    case Command::poll: return "poll";
    case Command::retry: return "retry";
    case Command::refresh: return "refresh";
  }
  return "";
}

std::optional<Command> parse_command(std::string_view text) {
  for (const Command command :
       {Command::process, Command::hold, Command::release, Command::poll, Command::retry, Command::refresh}) {
    if (to_string(command) == text) return command;
  }
  return std::nullopt;
}

Error not_followed(const SessionId& id) {
  return {ErrorCode::session_not_followed, "session " + id.text() + " is not followed here"};
}

std::unique_ptr<Follower> make_follower(const Policy& policy, const FollowOptions& options,
                                        Follower::Dependencies dependencies, std::uint64_t seed) {
  return std::make_unique<follow::SessionFollower>(policy, options, dependencies, seed);
}

namespace follow {

SessionFollower::SessionFollower(const Policy& policy, const FollowOptions& options,
                                 Dependencies dependencies, std::uint64_t seed)
    : policy_(policy),
      options_(options),
      dependencies_(dependencies),
      random_(seed),
      sessions_(seed ^ 0x9e3779b97f4a7c15ULL),
      outgoing_(options.max_in_flight, options.max_requests_per_second),
      webhook_watch_(options.webhooks, policy.webhook_grace, seed ^ 0x94d049bb133111ebULL),
      report_fetches_(policy_),
      conditions_{webhook_watch_.health(), options.initiate_paused} {}

void SessionFollower::stop() {
  stopped_ = true;
  arm();
}

void SessionFollower::fill_in(SessionRecord& record) const {
  const auto slot = sessions_.find(record.id);
  if (!slot || !sessions_[*slot].holds_session()) return;
  const Tracked& tracked = sessions_[*slot];
  const Moment now = dependencies_.clock.now();
  const Volatile& memory = tracked.session.in_memory;
  record.attempts = memory.attempts;
  record.last_error = tracked.last_error ? std::optional(*tracked.last_error) : std::nullopt;
  const Steady due = memory.in_flight ? now.steady : memory.due;
  if (due != kNever) record.next_poll_at = now.wall + (due - now.steady);
}

Followed SessionFollower::followed() const {
  Followed followed;
  followed.live = sessions_.size();
  followed.in_flight = outgoing_.in_flight();
  followed.committing = committing_;
  followed.upstream = outgoing_.condition();
  followed.webhooks = webhook_watch_.health();
  followed.webhooks_missed = webhook_watch_.missed();
  followed.held_for = outgoing_.held_for(dependencies_.clock.now().steady);
  const std::set<SessionId>& failing = sessions_.failing_long();
  followed.failing_long = failing.size();
  if (!failing.empty()) followed.failing_session = *failing.begin();
  followed.initiate_paused = conditions_.initiate_paused;
  return followed;
}

}  // namespace follow
}  // namespace bankconnect
