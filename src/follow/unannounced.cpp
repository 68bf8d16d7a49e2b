#include "src/follow/unannounced.hpp"

#include <algorithm>

namespace bankconnect::follow {

std::optional<News> Unannounced::announced(const SessionId& id) {
  const auto found = std::ranges::find(waiting_, id, &Entry::id);
  if (found == waiting_.end()) return std::nullopt;
  const News news = found->news;
  waiting_.erase(found);
  return news;
}

void Unannounced::forget(const SessionId& id) {
  std::erase_if(waiting_, [&id](const Entry& entry) { return entry.id == id; });
}

std::vector<Unannounced::Entry> Unannounced::overdue(Steady now) {
  std::vector<Entry> out;
  while (!waiting_.empty() && waiting_.front().until <= now) {
    out.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return out;
}

}  // namespace bankconnect::follow
