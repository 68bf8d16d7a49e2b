#include "tests/explore/promises.hpp"

namespace bankconnect::explore {
namespace {

std::string broken_by_initiate(const Policy& policy, const Situation& before, const Session& next) {
  const Elapsed evidence = next.in_memory.evidence_at;
  if (evidence == kNoElapsed || kNow.elapsed - evidence > policy.evidence_max_age)
    return "initiate without young evidence";
  if (!before.intent) return "initiate without a write of its own";
  if (next.durable.hold || before.conditions.initiate_paused) return "initiate although held or paused";
  if (next.durable.final) return "initiate of a final session";
  if (before.accepted) return "initiate although BankConnect has accepted and not denied it";
  return "";
}

/// Commands reopen a final session, and so does the answer that a late webhook led to.
bool reopens(const Durable& was, const Event& event) {
  const bool commanded = event.trigger == Trigger::retry || event.trigger == Trigger::process;
  return commanded ||
         (event.trigger == Trigger::progress_finished && was.after_end == AfterEnd::late_webhook);
}

}  // namespace

std::string broken_promise(const Policy& policy, const Situation& before, const Event& event,
                           const Decision& decision, const std::optional<Call>& asks) {
  const Durable& was = before.session.durable;
  const Durable& is = decision.next.durable;
  if (asks && before.in_flight) return "two calls at once";
  if (asks == Call::initiate) {
    if (std::string broken = broken_by_initiate(policy, before, decision.next); !broken.empty())
      return broken;
  }
  if (was.final && !is.final && !reopens(was, event)) return "a final session is live again";
  if (was.final && is.final && was.state != is.state) return "a final session has another state";
  const bool waits = has_calls(is) && !decision.next.in_memory.in_flight && !awaits_reports(is);
  if (waits && decision.next.in_memory.due == kNever) return "a session with calls to make is never due";
  return "";
}

}  // namespace bankconnect::explore
