#include "src/upstream/idle_connections.hpp"

namespace bankconnect::upstream {

namespace {
constexpr auto kIdleLimit = std::chrono::seconds(60);  // older ones are closed
}

std::unique_ptr<Connection> IdleConnections::take() {
  const auto now = std::chrono::steady_clock::now();
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    if (now - last.since < kIdleLimit && !last.connection->is_stale()) return std::move(last.connection);
  }
  return nullptr;
}

void IdleConnections::evict_one() {
  if (!idle_.empty()) idle_.erase(idle_.begin());
}

void IdleConnections::put(std::unique_ptr<Connection> connection) {
  idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

void IdleConnections::clear() {
  idle_.clear();
}

}  // namespace bankconnect::upstream
