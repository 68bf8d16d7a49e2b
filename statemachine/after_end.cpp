// What is left to do once a session's data are stored, or it is final: refreshes, late webhooks, reports; and
// how a session is reopened.
#include "statemachine/guards.hpp"
#include "statemachine/stepping.hpp"

namespace bankconnect {

/// Counters and grace periods start over.
void Stepping::reopen() {
  durable().reason = Reason::none;
  durable().reinitiates = 0;
  durable().followed_from = now.elapsed;
  durable().not_found_since = kNoElapsed;
  durable().not_requested_since = kNoElapsed;
  durable().after_end = AfterEnd::nothing;
  end_doubt();
  const Cause because = in_memory().asked_because;
  in_memory() = restored_session(decision.next.id, durable()).in_memory;
  in_memory().asked_because = because;
}

/// A refresh that ends is an event of its own: the session stays what it is.
void Stepping::apply_after_end(std::uint32_t marks) {
  const auto marked = [marks](Mark mark) { return (marks & mark) != 0; };
  if (marked(kRefresh) || marked(kRecheck)) {
    durable().after_end = marked(kRefresh) ? AfterEnd::refresh : AfterEnd::late_webhook;
    durable().after_end_since = now.elapsed;
  }
  if (marked(kSetAside)) decision.set_aside = true;
  if (!marked(kAfterEndDone)) return;
  const bool refresh = durable().after_end == AfterEnd::refresh;
  durable().after_end = AfterEnd::nothing;
  in_memory().attempts = 0;
  if (!refresh) return;
  if (marked(kRefreshed)) {
    decision.persist.accounts = true;
    decision.persist.payload = true;
    decision.persist.set_aside = true;
    durable().outcome = marked(kPartial) ? Outcome::partial : Outcome::complete;
    if (event.links_reports) {
      durable().after_end = AfterEnd::reports;
      durable().after_end_since = now.elapsed;
    }
  }
  Transition transition = transition_to(durable().state);
  transition.cause = Cause::command;
  transition.trigger = marked(kRefreshed) ? Trigger::refreshed : Trigger::refresh_refused;
  decision.persist.transition = transition;
}

/// How the session would have become ENRICHED is kept: a restart forgets what the answers said.
void Stepping::await_reports(std::uint32_t marks) {
  if ((marks & kReportsDone) != 0) durable().after_end = AfterEnd::nothing;
  if ((marks & kAwaitReports) == 0) return;
  durable().after_end = AfterEnd::reports;
  durable().after_end_since = now.elapsed;
  for (const Row& row : table()) {
    const bool enriches =
        (row.from & kProcessing) != 0 && row.trigger == event.trigger && row.to == Target::enriched;
    if (!enriches || !holds(row.guard, decision.next, event, now, policy, conditions)) continue;
    record(row.anomaly);
    durable().enriched_as = row.why;
    return;
  }
}

}  // namespace bankconnect
