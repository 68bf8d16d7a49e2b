// The webhooks of all sessions that are yet to be sent, ordered by due time. Without sockets and clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

class Outbox {
 public:
  // Plans the webhooks of a new session, or replans those of a changed one: replaces the events after `now`
  // and keeps the earlier ones.
  void plan(const Session& session, const CommonWebhookFaults& common, Instant now);

  void add(Webhook webhook);  // from the admin API

  std::optional<Instant> next_due() const;
  std::optional<Webhook> take_due(Instant now);

  // Makes the held-back webhooks of this session due. To be called after each webhook, sent or not.
  void release_held(const std::string& session_id, Instant now);

  std::size_t size() const { return queue_.size(); }

 private:
  using QueueKey = std::pair<Instant, std::uint64_t>;  // due time and sequence number

  struct SessionQueue {
    std::vector<QueueKey> queued;
    std::vector<TimedEvent> planned;  // including those sent already
    std::vector<Webhook> held_back;
  };

  void remove_future_events(SessionQueue& session_queue, Instant now);
  void enqueue(SessionQueue& session_queue, Webhook webhook);

  std::map<QueueKey, Webhook> queue_;
  std::unordered_map<std::string, SessionQueue> session_queues_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace bankconnect::sandbox
