#include "src/sandbox/outbox.hpp"

#include <algorithm>

namespace bankconnect::sandbox {

void Outbox::plan(const Session& session, const CommonWebhookFaults& common, Instant now) {
  const auto [place, is_new] = desks_.try_emplace(session.id);
  Desk& desk = place->second;
  if (is_new) {
    for (Sending& sending : premature_sendings(session, common))
      queue(desk, std::move(sending));
  }
  forget_what_has_not_come(desk, now);
  for (Sending& sending : planned_sendings(session, common)) {
    const Occasion occasion = sending.occasion;
    const bool known = std::find(desk.known.begin(), desk.known.end(), occasion) != desk.known.end();
    if (occasion.at < now || known) continue;
    desk.known.push_back(occasion);
    queue(desk, std::move(sending));
  }
}

void Outbox::forget_what_has_not_come(Desk& desk, Instant now) {
  std::erase_if(desk.waiting, [&](const Place& place) {
    const auto found = queue_.find(place);
    if (found->second.by_hand || found->second.occasion.at <= now) return false;
    std::erase(desk.known, found->second.occasion);
    queue_.erase(found);
    return true;
  });
}

void Outbox::add(Sending sending) {
  Desk& desk = desks_[sending.session_id];
  queue(desk, std::move(sending));
}

void Outbox::queue(Desk& desk, Sending sending) {
  const Place place{sending.due, ++arrivals_};
  desk.waiting.push_back(place);
  queue_.emplace(place, std::move(sending));
}

std::optional<Instant> Outbox::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

std::optional<Sending> Outbox::take_due(Instant now) {
  while (!queue_.empty() && queue_.begin()->first.first <= now) {
    auto node = queue_.extract(queue_.begin());
    Sending sending = std::move(node.mapped());
    Desk& desk = desks_[sending.session_id];
    std::erase(desk.waiting, node.key());
    if (is(sending, WebhookFaultKind::reordered) && !sending.once_more) {
      desk.held.push_back(std::move(sending));
      continue;
    }
    if (is(sending, WebhookFaultKind::doubled) && !sending.once_more) {
      Sending second = sending;
      second.once_more = true;
      second.due = now + second.twist->delay;
      queue(desk, std::move(second));
    }
    return sending;
  }
  return std::nullopt;
}

void Outbox::follow_up(const std::string& session_id, Instant now) {
  Desk& desk = desks_[session_id];
  for (Sending& held : std::exchange(desk.held, {})) {
    held.once_more = true;
    held.due = now;
    queue(desk, std::move(held));
  }
}

}  // namespace bankconnect::sandbox
