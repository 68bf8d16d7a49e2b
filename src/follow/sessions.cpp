#include "src/follow/sessions.hpp"

#include "statemachine/require.hpp"

namespace bankconnect::follow {

Phase Tracked::current_phase() const {
  if (holds_session_ && being_erased()) return Phase::erasing;
  if (call_in_flight) return Phase::asking;  // PLANT: asking-phase
  if (!holds_session_) return erasures_ ? Phase::erasing : Phase::vacant;
  return commits > 0 ? Phase::committing : Phase::waiting;
}

std::optional<Slot> Sessions::find(const SessionId& id) const {
  const auto found = slot_of_.find(id);
  if (found == slot_of_.end()) return std::nullopt;
  return found->second;
}

std::optional<Slot> Sessions::find_followed(const SessionId& id) const {
  const auto slot = find(id);
  return slot && tracked_[*slot].followed() ? slot : std::nullopt;
}

Slot Sessions::slot_for(const SessionId& id) {
  if (const auto slot = find(id)) return *slot;
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(tracked_.size());
    tracked_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  tracked_[slot].in_use_ = true;
  tracked_[slot].session.id = id;
  slot_of_.emplace(id, slot);
  return slot;
}

void Sessions::place(Slot slot, const Session& session, RequestNumber request) {
  Tracked& tracked = tracked_[slot];
  require(!tracked.holds_session_, "a session is in memory once");
  tracked.session = session;
  tracked.placed_by_ = request;
  tracked.holds_session_ = true;
  ++size_;
}

void Sessions::remove(Slot slot) {
  Tracked& tracked = tracked_[slot];
  require(tracked.holds_session_, "a session leaves its slot once");
  set_failing_long(slot, false);
  const SessionId id = tracked.session.id;
  tracked.session = Session{};
  tracked.session.id = id;
  tracked.last_error.reset();
  tracked.commits = 0;
  tracked.failed_alike = false;
  tracked.slow = false;
  tracked.holds_session_ = false;
  ++tracked.generation;
  --size_;
}

void Sessions::set_failing_long(Slot slot, bool failing) {
  const SessionId& id = tracked_[slot].session.id;
  if (failing) {
    failing_long_.insert(id);
  } else {
    failing_long_.erase(id);
  }
}

void Sessions::begin_erasure(Slot slot, RequestNumber request) {
  auto& erasures = tracked_[slot].erasures_;
  if (!erasures) erasures = std::make_unique<std::vector<RequestNumber>>();
  erasures->push_back(request);
}

void Sessions::end_erasure(Slot slot, RequestNumber request) {
  auto& erasures = tracked_[slot].erasures_;
  std::erase(*erasures, request);
  if (erasures->empty()) erasures.reset();
}

Phase Sessions::update_phase(Slot slot) {
  Tracked& tracked = tracked_[slot];
  tracked.phase_ = tracked.current_phase();
  if (tracked.phase_ == Phase::vacant && tracked.in_use_) {
    slot_of_.erase(tracked.session.id);
    tracked.in_use_ = false;
    ++tracked.generation;
    free_.push_back(slot);
  }
  return tracked.phase_;
}

}  // namespace bankconnect::follow
