#include "src/follow/unannounced.hpp"

#include <algorithm>

namespace bankconnect::follow {

void Unannounced::add(const SessionId& id, News news, Steady now) {
  Deadlines none{};
  none.fill(kNever);
  Deadlines& deadlines = waiting_.try_emplace(id, none).first->second;
  deadlines[static_cast<std::size_t>(news)] = now + grace_;
  order_.push_back({id, news, now + grace_});
}

std::optional<News> Unannounced::announced(const SessionId& id, NewsBits about) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return std::nullopt;
  Deadlines& deadlines = found->second;
  std::optional<News> oldest;
  for (const News news : kAllNews) {
    const Steady until = deadlines[static_cast<std::size_t>(news)];
    if ((about & bit(news)) == 0 || until == kNever) continue;
    if (!oldest || until < deadlines[static_cast<std::size_t>(*oldest)]) oldest = news;
  }
  if (!oldest) return std::nullopt;
  deadlines[static_cast<std::size_t>(*oldest)] = kNever;
  if (std::ranges::all_of(deadlines, [](Steady until) { return until == kNever; })) waiting_.erase(found);
  return oldest;
}

std::vector<Unannounced::Entry> Unannounced::overdue(Steady now) {
  std::vector<Entry> out;
  while (!order_.empty() && order_.front().until <= now) {
    const Entry entry = order_.front();
    order_.pop_front();
    const auto found = waiting_.find(entry.id);
    const bool waits =
        found != waiting_.end() && found->second[static_cast<std::size_t>(entry.news)] == entry.until;
    if (waits && announced(entry.id, bit(entry.news))) out.push_back(entry);
  }
  return out;
}

}  // namespace bankconnect::follow
