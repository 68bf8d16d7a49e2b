#include "src/follow/outgoing.hpp"

#include <algorithm>

namespace bankconnect::follow {

Steady OutgoingCalls::open_at(Steady now) const {
  if (in_flight_ >= max_in_flight_) return kNever;          // PLANT: in-flight-limit
  return std::max(breaker_.open_at(), gate_.open_at(now));  // PLANT: rate-limit
}

bool OutgoingCalls::sent(Steady now) {
  ++in_flight_;
  gate_.pass(now);
  return breaker_.sent();
}

bool OutgoingCalls::ended(bool probe, CallOutcome outcome, std::string_view code, Moment now) {
  --in_flight_;
  return breaker_.ended(probe, outcome, code, now);
}

Duration OutgoingCalls::held_for(Steady now) const {
  return gate_.held_until() > now ? gate_.held_until() - now : Duration::zero();
}

}  // namespace bankconnect::follow
