// The webhooks of all sessions that are not out yet, in the order of their time. No sockets, no clock.
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
  // To be called when a session comes into being and whenever something happened to it: what has not come
  // to pass yet is planned anew, what has goes out as it was planned.
  void plan(const Session& session, const CommonWebhookFaults& common, Instant now);

  void add(Webhook webhook);  // one by hand

  std::optional<Instant> next_due() const;
  std::optional<Webhook> take_due(Instant now);

  // A webhook of this session was sent or lost: what was held back for it comes after it now.
  void release_held(const std::string& session_id, Instant now);

  std::size_t size() const { return queue_.size(); }

 private:
  using QueueKey = std::pair<Instant, std::uint64_t>;  // when it is due, and who came first

  struct SessionQueue {
    std::vector<QueueKey> queued;
    std::vector<TimedEvent> planned;  // planned so far, sent or not
    std::vector<Webhook> held_back;
  };

  void remove_future_events(SessionQueue& session_queue, Instant now);
  void enqueue(SessionQueue& session_queue, Webhook webhook);

  std::map<QueueKey, Webhook> queue_;
  std::unordered_map<std::string, SessionQueue> session_queues_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace bankconnect::sandbox
