#include "src/follow/follower_impl.hpp"

namespace bankconnect {

std::string_view name(Command command) {
  switch (command) {
    case Command::process: return "process";
    case Command::hold: return "hold";
    case Command::release: return "release";
    case Command::poll: return "poll";
    case Command::retry: return "retry";
  }
  return "";
}

Follower::Follower(const Policy& policy, const FollowLimits& limits, World world, std::uint64_t seed)
    : impl_(std::make_unique<Impl>(policy, limits, world, seed)) {}
Follower::~Follower() = default;

void Follower::restore(const SessionRecord& record) {
  impl_->restore(record);
}

void Follower::submit(const std::vector<Submission>& batch,
                      std::function<void(Result<std::vector<Submitted>>)> done) {
  impl_->submit(batch, std::move(done));
}

void Follower::command(const SessionId& id, Command command, const std::function<void(Result<void>)>& done) {
  impl_->command(id, command, done);
}

void Follower::hint(Hint hint, std::function<void(Result<HintTaken>)> done) {
  impl_->hint(std::move(hint), std::move(done));
}

void Follower::erase(const SessionId& id, std::function<void(Result<void>)> done) {
  impl_->erase(id, std::move(done));
}

void Follower::forget(const SessionId& id) {
  impl_->forget(id);
}
void Follower::run() {
  impl_->run();
}
void Follower::retry_upstream() {
  impl_->retry_upstream();
}
void Follower::stop() {
  impl_->stop();
}
bool Follower::idle() const {
  return impl_->idle();
}
void Follower::fill_in(SessionRecord& record) const {
  impl_->fill_in(record);
}
Followed Follower::followed() const {
  return impl_->followed();
}

}  // namespace bankconnect
