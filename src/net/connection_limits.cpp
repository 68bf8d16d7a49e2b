#include "src/net/connection_limits.hpp"

#include <algorithm>

namespace bankconnect::net {

ConnectionLimits::Id ConnectionLimits::add() {
  connections_.emplace(++last_id_, Connection{});
  return last_id_;
}

void ConnectionLimits::remove(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  leave_list(found->second);
  release(id);
  connections_.erase(found);
}

void ConnectionLimits::begin_wait(Id id, Wait wait, Deadline now) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.wait == wait) return;
  enter_list(id, found->second, waiting(wait));
  found->second.wait = wait;
  found->second.waits_since = now;
}

void ConnectionLimits::end_wait(Id id) {
  if (const auto found = connections_.find(id); found != connections_.end()) leave_list(found->second);
}

void ConnectionLimits::linger(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  release(id);
  enter_list(id, found->second, lingering_);
}

std::optional<ConnectionLimits::Id> ConnectionLimits::eviction_candidate(
    Deadline now, const std::function<bool(Id)>& input_empty) const {
  if (!lingering_.empty()) return lingering_.front();
  for (const Wait wait : kAllWaits) {
    for (const Id id : waiting(wait)) {
      const bool within_grace = now < connections_.at(id).waits_since + grace(wait);
      if (within_grace && wait == Wait::first_byte && are_half(wait)) return std::nullopt;
      if (within_grace) break;  // all after it are younger
      if (input_empty(id)) return id;
    }
  }
  return std::nullopt;
}

bool ConnectionLimits::reserve_body(Id id, std::uint64_t bytes) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || bytes > limits_.max_bodies - body_bytes_) return false;
  body_bytes_ += bytes;
  found->second.body_bytes += bytes;
  return true;
}

/// Few of them keep no one out; where they are many, they must not.
bool ConnectionLimits::are_half(Wait wait) const {
  return 2 * waiting(wait).size() >= connections_.size();
}

Duration ConnectionLimits::grace(Wait wait) const {
  return wait == Wait::reading && !are_half(wait) ? limits_.reading_grace : limits_.eviction_grace;
}

std::optional<ConnectionLimits::Id> ConnectionLimits::body_eviction_candidate(Id id, Deadline now) const {
  if (!connections_.contains(id)) return std::nullopt;
  const auto holds_body = [&](Id other) { return other != id && connections_.at(other).body_bytes > 0; };
  for (const Wait wait : kAllWaits) {
    const auto found = std::ranges::find_if(waiting(wait), holds_body);
    if (found == waiting(wait).end()) continue;
    // A client that reads its response has been acted for.
    const bool spared = wait == Wait::reading && now < connections_.at(*found).waits_since + grace(wait);
    if (!spared) return *found;
  }
  return std::nullopt;
}

bool ConnectionLimits::acquire_stream_slot(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return false;
  if (found->second.has_stream_slot) return true;
  if (stream_slots_ >= std::max(1U, limits_.max_connections / 2)) return false;
  ++stream_slots_;
  found->second.has_stream_slot = true;
  return true;
}

void ConnectionLimits::release(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  body_bytes_ -= std::exchange(found->second.body_bytes, 0);
  if (std::exchange(found->second.has_stream_slot, false)) --stream_slots_;
}

void ConnectionLimits::leave_list(Connection& connection) {
  if (connection.list != nullptr) connection.list->erase(connection.position);
  connection.list = nullptr;
  connection.wait.reset();
}

void ConnectionLimits::enter_list(Id id, Connection& connection, List& list) {
  leave_list(connection);
  connection.list = &list;
  connection.position = list.insert(list.end(), id);
}

}  // namespace bankconnect::net
