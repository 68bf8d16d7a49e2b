#include "src/follow/outgoing.hpp"

#include <algorithm>

namespace bankconnect::follow {
namespace {

bool is_poll(Call call) {
  return call == Call::upload_status || call == Call::progress;
}

}  // namespace

Steady OutgoingCalls::open_at(Steady now) const {
  if (!places_.free(Turn::poll)) return kNever;
  return std::max(breaker_.open_at(), gate_.open_at(now));  // PLANT: rate-limit
}

Departure OutgoingCalls::sent(Turn turn, Call call, Steady now) {
  Departure departure;
  departure.turn = turn;
  departure.at = now;
  departure.in_time = answer_times_.in_time();
  departure.probe = breaker_.sent();
  const bool given_up = is_poll(call) && turn != Turn::slow && !departure.probe;
  if (given_up) departure.time_limit = departure.in_time;
  places_.take(turn);
  gate_.pass(now);
  return departure;
}

Ended OutgoingCalls::ended(const Departure& departure, Call call, bool answered, CallOutcome outcome,
                           std::string_view code, Moment now) {
  const Duration took = now.steady - departure.at;
  if (answered && is_poll(call)) answer_times_.add(took);
  Ended ended;
  // What is fetched may take long to be made; only silence says that it hangs.
  ended.in_time = took < departure.in_time || (answered && !is_poll(call));
  places_.give_back(departure.turn, ended.in_time);
  // The daemon gave it up itself. Where all calls hang, those that have all the time there is show it.
  const bool given_up = departure.time_limit > Duration::zero() && took >= departure.time_limit && !answered;
  ended.flows_again =
      breaker_.ended(departure.probe, given_up ? CallOutcome::no_verdict : outcome, code, now);
  return ended;
}

Duration OutgoingCalls::held_for(Steady now) const {
  return gate_.held_until() > now ? gate_.held_until() - now : Duration::zero();
}

}  // namespace bankconnect::follow
