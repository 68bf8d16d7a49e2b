#include "src/follow/places.hpp"

#include <algorithm>

namespace bankconnect::follow {

Places::Places(std::uint32_t all)
    : all_(all),
      kept_for_polls_(all > 1 ? std::max(1U, all / 4) : 0),
      kept_for_initiate_(all > 3 ? std::max(1U, all / 8) : 0),
      least_for_slow_(std::max(1U, all / 4)),
      most_for_slow_(least_for_slow_) {}

bool Places::free(Turn turn) const {
  if (taken_ >= all_) return false;  // PLANT: in-flight-limit
  if (turn == Turn::poll || turn == Turn::failing) return true;
  if (turn == Turn::fetch) return free_for_fetch();
  if (taken_beside_polls() + kept_for_polls_ >= all_) return false;
  return turn == Turn::urgent || taken_by_[Turn::slow] < most_for_slow_;
}

bool Places::free_for_fetch() const {
  return taken_ < all_ && taken_beside_polls() + kept_for_polls_ + kept_for_initiate_ < all_;
}

std::uint32_t Places::taken_beside_polls() const {
  return taken_by_[Turn::urgent] + taken_by_[Turn::fetch] + taken_by_[Turn::slow];
}

OpenTurns Places::open() const {
  OpenTurns open;
  for (const Turn turn : kAllTurns)
    open[turn] = free(turn);
  return open;
}

void Places::take(Turn turn) {
  ++taken_;
  ++taken_by_[turn];
}

void Places::give_back(Turn turn, bool in_time) {
  --taken_;
  --taken_by_[turn];
  if (turn != Turn::slow) return;
  most_for_slow_ = in_time ? std::min(most_for_slow_ + 1, all_) : least_for_slow_;
}

}  // namespace bankconnect::follow
