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

void ConnectionLimits::begin_wait(Id id, Deadline now) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.list == List::waiting) return;
  Connection& connection = found->second;
  leave_list(connection);
  connection.list = List::waiting;
  connection.position = waiting_.insert(waiting_.end(), id);
  connection.waits_since = now;
}

void ConnectionLimits::end_wait(Id id) {
  if (const auto found = connections_.find(id); found != connections_.end()) leave_list(found->second);
}

void ConnectionLimits::linger(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  release(id);
  leave_list(found->second);
  found->second.list = List::lingering;
  found->second.position = lingering_.insert(lingering_.end(), id);
}

std::optional<ConnectionLimits::Id> ConnectionLimits::eviction_candidate(
    Deadline now, const std::function<bool(Id)>& input_empty) const {
  if (!lingering_.empty()) return lingering_.front();
  const auto evictable = [&](Id id) {
    return now >= connections_.at(id).waits_since + limits_.eviction_grace && input_empty(id);
  };
  const auto found = std::ranges::find_if(waiting_, evictable);
  if (found == waiting_.end()) return std::nullopt;
  return *found;
}

bool ConnectionLimits::reserve_body(Id id, std::uint64_t bytes) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || bytes > limits_.max_bodies - body_bytes_) return false;
  body_bytes_ += bytes;
  found->second.body_bytes += bytes;
  return true;
}

std::optional<ConnectionLimits::Id> ConnectionLimits::body_eviction_candidate(Id id) const {
  if (!connections_.contains(id)) return std::nullopt;
  const auto holds_body = [&](Id other) { return other != id && connections_.at(other).body_bytes > 0; };
  const auto found = std::ranges::find_if(waiting_, holds_body);
  if (found == waiting_.end()) return std::nullopt;
  return *found;
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
  if (connection.list == List::waiting) waiting_.erase(connection.position);
  if (connection.list == List::lingering) lingering_.erase(connection.position);
  connection.list = List::none;
}

}  // namespace bankconnect::net
