#include "src/follow/sessions.hpp"

#include <utility>

#include "statemachine/machine.hpp"

namespace bankconnect::follow {

Slot Sessions::add(const Session& session) {
  require(!slot_of_.contains(session.id), "a session is in memory once");
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(tracked_.size());
    tracked_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Tracked& tracked = tracked_[slot];
  tracked.session = session;
  tracked.used = true;
  slot_of_.emplace(session.id, slot);
  return slot;
}

void Sessions::drop(Slot slot) {
  Tracked& tracked = tracked_[slot];
  require(tracked.used, "a slot is dropped once");
  slot_of_.erase(tracked.session.id);
  const std::uint32_t generation = tracked.generation + 1;
  tracked = Tracked{};
  tracked.generation = generation;
  free_.push_back(slot);
}

std::optional<Slot> Sessions::find(const SessionId& id) const {
  const auto found = slot_of_.find(id);
  if (found == slot_of_.end()) return std::nullopt;
  return found->second;
}

}  // namespace bankconnect::follow
