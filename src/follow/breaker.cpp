#include "src/follow/breaker.hpp"

#include <algorithm>
#include <utility>

namespace bankconnect::follow {

using Kind = UpstreamCondition::Kind;

Steady Breaker::open_at() const {
  if (condition_.kind == Kind::flowing) return kNoSteady;
  return probing_ ? kNever : next_probe_;
}

bool Breaker::sent() {
  if (condition_.kind == Kind::flowing) return false;
  probing_ = true;
  return true;
}

bool Breaker::ended(bool probe, CallOutcome outcome, std::string_view code, Moment now) {
  // A configuration that changed while a probe was in flight is probed at once.
  const bool again = probe && std::exchange(probe_again_, false);
  if (probe) probing_ = false;
  probe = probe && condition_.kind != Kind::flowing;
  if (outcome == CallOutcome::served) return end_outage(now);
  if (outcome == CallOutcome::account_refused) {
    stop(Kind::paused, probe, code, now);
  } else if (outcome == CallOutcome::failed) {
    if (++failures_ >= kFailuresToBreak || probe) stop(Kind::broken, probe, code, now);
  } else if (probe) {
    next_probe_ = now.steady + probe_interval_;
  }
  if (again) next_probe_ = now.steady;
  return false;
}

bool Breaker::end_outage(Moment now) {
  failures_ = 0;
  if (condition_.kind == Kind::flowing) return false;
  condition_ = UpstreamCondition{};
  flowing_since_ = now.steady;
  return true;
}

void Breaker::probe_now(Moment now) {
  if (condition_.kind == Kind::flowing) return;
  next_probe_ = std::min(next_probe_, now.steady);
  probe_again_ = probing_;
}

void Breaker::stop(Kind kind, bool probe, std::string_view code, Moment now) {
  if (condition_.kind == Kind::flowing) {
    condition_ = {kind, std::string(code), now.wall};
    // A failure that comes back within a minute continues the old one: probing does not start over.
    const bool anew = flowing_since_ == kNoSteady || now.steady - flowing_since_ > kCalm;
    if (anew) probe_interval_ = kFirstProbe;
    next_probe_ = now.steady + probe_interval_;
    return;
  }
  // A fault met while paused says nothing new about the account: the pause stays. Calls that were in flight
  // when the circuit broke end here too; only probes slow the probing down.
  if (kind == Kind::paused) condition_ = {kind, std::string(code), condition_.since};
  if (!probe) return;
  probe_interval_ = std::min(probe_interval_ * 2, kSlowestProbe);
  next_probe_ = now.steady + probe_interval_;
}

}  // namespace bankconnect::follow
