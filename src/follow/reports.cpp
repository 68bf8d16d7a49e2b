// The reports that the insights link to: which are fetched next, and what becomes of them.
#include <algorithm>

#include "src/follow/session_follower.hpp"
#include "statemachine/require.hpp"

namespace bankconnect::follow {

namespace {
constexpr Duration kAfterRestart = std::chrono::minutes(1);
}  // namespace

/// After a step: the session begins or ends to wait for its reports, or has links to them. Returns those that
/// did not come, for the write that ends the waiting.
std::vector<ReportWrite> SessionFollower::track_reports(const Decision& decision, const Event& event,
                                                        const ReportLinks& links) {
  const SessionId& id = decision.next.id;
  const Durable& durable = decision.next.durable;
  if (!awaits_reports(durable)) {
    std::vector<ReportWrite> missing = report_fetches_.end(id);
    const bool ended = decision.row != nullptr && decision.row->anomaly == kReportsMissing;
    if (!ended) missing.clear();
    return missing;
  }
  const Moment now = dependencies_.clock.now();
  Steady until = steady_at(durable.after_end_since + policy_.reports_patience, now);
  // The daemon may have been away for longer: there is time for one try.
  if (event.trigger == Trigger::recovered) until = std::max(until, now.steady + kAfterRestart);
  report_fetches_.await(id, until);
  if (event.trigger == Trigger::insights_fetched && event.links_reports)
    report_fetches_.set_links(id, links, now.steady);
  return {};
}

/// Reports stored before a restart are not fetched again, but for those of a refresh: they may be older.
void SessionFollower::restore_reports(const SessionRecord& record) {
  if (record.durable.state != State::processing) return;
  std::vector<ReportName> stored;
  for (const ReportInfo& report : record.reports) {
    if (!report.error) stored.push_back(report.name);
  }
  report_fetches_.add_stored(record.id, stored);
}

void SessionFollower::fetch_reports() {
  const Steady now = dependencies_.clock.now().steady;
  while (const auto ended = report_fetches_.next_ended(now)) {
    if (const auto slot = sessions_.find(ended->id); slot && sessions_[*slot].holds_session())
      apply(*slot, event_of(ended->trigger), {}, nullptr);
  }
  while (const auto fetch = report_fetches_.next(now)) {
    const auto slot = sessions_.find(fetch->id);
    require(slot.has_value(), "reports are fetched for sessions in memory");
    dependencies_.upstream.fetch_report(
        fetch->link, [this, handle = handle_of(*slot), fetch = *fetch](ReportAnswer answer) {
          report_answered(handle, fetch, std::move(answer));
        });
  }
}

void SessionFollower::report_answered(SlotHandle handle, const ReportFetches::Fetch& fetch,
                                      ReportAnswer answer) {
  const bool awaited = current(handle) && report_fetches_.awaits(fetch);
  if (current(handle)) dependencies_.observer.report(fetch.id, fetch.link.name, answer);
  if (awaited && answer.result == ReportAnswer::Result::fetched) {
    store_report(handle.slot, fetch, std::move(answer.report));  // PLANT: report-on-disk
  } else {
    report_fetches_.left();
    if (awaited)
      report_fetches_.failed(fetch, answer, dependencies_.clock.now().steady,
                             static_cast<std::uint32_t>(random_()));
  }
  run();
}

/// Its place is taken until it is on disk: so few reports are in memory, also while nothing can be written.
void SessionFollower::store_report(Slot slot, const ReportFetches::Fetch& fetch,
                                   std::shared_ptr<const Payload> report) {
  Tracked& tracked = sessions_[slot];
  SessionWrite write;
  write.id = tracked.session.id;
  write.durable = tracked.session.durable;
  if (tracked.last_error) write.last_error = *tracked.last_error;
  report_fetches_.storing(fetch);
  write.reports.push_back({fetch.link.name, std::move(report), {}});
  ++tracked.commits;
  ++committing_;
  dependencies_.store.write(std::move(write),
                            [this, handle = handle_of(slot), fetch](Committed, const Written& written) {
                              report_stored(handle, fetch, written);
                            });
  reschedule(slot);
}

void SessionFollower::report_stored(SlotHandle handle, const ReportFetches::Fetch& fetch,
                                    const Written& written) {
  --committing_;
  report_fetches_.left();
  if (current(handle)) {
    Tracked& tracked = sessions_[handle.slot];
    --tracked.commits;
    if (!written.record) {
      remove(handle.slot);
    } else {
      dependencies_.observer.stored(*written.record);
      report_fetches_.stored(fetch, dependencies_.clock.now().steady);
      reschedule(handle.slot);
    }
  }
  run();
}

}  // namespace bankconnect::follow
