#include "src/sandbox/outbox.hpp"

#include <algorithm>

namespace bankconnect::sandbox {

void Outbox::plan(const Session& session, const CommonWebhookFaults& common, Instant now) {
  const auto [entry, is_new] = session_queues_.try_emplace(session.id);
  SessionQueue& session_queue = entry->second;
  if (is_new) {
    for (Webhook& webhook : premature_webhooks(session, common))
      enqueue(session_queue, std::move(webhook));
  }
  remove_future_events(session_queue, now);
  for (Webhook& webhook : planned_webhooks(session, common)) {
    const TimedEvent event = webhook.event;
    const bool planned = std::find(session_queue.planned.begin(), session_queue.planned.end(), event) !=
                         session_queue.planned.end();
    if (event.at < now || planned) continue;
    session_queue.planned.push_back(event);
    enqueue(session_queue, std::move(webhook));
  }
}

void Outbox::remove_future_events(SessionQueue& session_queue, Instant now) {
  std::erase_if(session_queue.queued, [&](const QueueKey& key) {
    const auto found = queue_.find(key);
    if (found->second.manual || found->second.event.at <= now) return false;
    std::erase(session_queue.planned, found->second.event);
    queue_.erase(found);
    return true;
  });
}

void Outbox::add(Webhook webhook) {
  SessionQueue& session_queue = session_queues_[webhook.session_id];
  enqueue(session_queue, std::move(webhook));
}

void Outbox::enqueue(SessionQueue& session_queue, Webhook webhook) {
  const QueueKey key{webhook.due, ++last_sequence_};
  session_queue.queued.push_back(key);
  queue_.emplace(key, std::move(webhook));
}

std::optional<Instant> Outbox::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

std::optional<Webhook> Outbox::take_due(Instant now) {
  while (!queue_.empty() && queue_.begin()->first.first <= now) {
    auto node = queue_.extract(queue_.begin());
    Webhook webhook = std::move(node.mapped());
    SessionQueue& session_queue = session_queues_[webhook.session_id];
    std::erase(session_queue.queued, node.key());
    if (has_fault(webhook, WebhookFaultKind::reordered) && !webhook.requeued) {
      session_queue.held_back.push_back(std::move(webhook));
      continue;
    }
    if (has_fault(webhook, WebhookFaultKind::doubled) && !webhook.requeued) {
      Webhook second = webhook;
      second.requeued = true;
      second.due = now + second.fault_action->delay;
      enqueue(session_queue, std::move(second));
    }
    return webhook;
  }
  return std::nullopt;
}

void Outbox::release_held(const std::string& session_id, Instant now) {
  SessionQueue& session_queue = session_queues_[session_id];
  for (Webhook& held : std::exchange(session_queue.held_back, {})) {
    held.requeued = true;
    held.due = now;
    enqueue(session_queue, std::move(held));
  }
}

}  // namespace bankconnect::sandbox
