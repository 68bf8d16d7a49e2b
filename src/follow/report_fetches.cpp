#include "src/follow/report_fetches.hpp"

#include <algorithm>

#include "statemachine/pacing.hpp"

namespace bankconnect::follow {

bool ReportFetches::Awaiting::any(Progress progress) const {
  return std::ranges::any_of(reports, [progress](const Report& r) { return r.progress == progress; });
}

bool ReportFetches::Awaiting::complete() const {
  const bool usable = linked && !some_unusable && !reports.empty();
  return usable && std::ranges::all_of(reports, &Report::kept);
}

void ReportFetches::await(const SessionId& id, Steady until) {
  const auto [waiting, fresh] = awaiting_.try_emplace(id);
  if (!fresh) return;
  waiting->second.until = until;
  deadlines_.emplace(until, id);  // PLANT: report-deadline
}

void ReportFetches::add_stored(const SessionId& id, const std::vector<ReportName>& names) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return;
  for (const ReportName& name : names) {
    Report& report = found->second.reports.emplace_back();
    report.name = name;
    report.progress = Progress::stored;
  }
}

void ReportFetches::set_links(const SessionId& id, const ReportLinks& links, Steady now) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return;
  Awaiting& awaiting = found->second;
  awaiting.linked = true;
  awaiting.some_unusable = links.some_unusable;
  for (const ReportLink& link : links.links) {
    Report* report = find(awaiting, link.name);
    if (report == nullptr) {
      report = &awaiting.reports.emplace_back();
      report->name = link.name;
    } else if (report->progress != Progress::link_expired) {
      continue;
    }
    report->url = link.url;
    report->progress = Progress::waiting;
    report->due = now;
  }
  // What has no fresh link cannot be had.
  for (Report& report : awaiting.reports) {
    if (report.progress == Progress::link_expired) report.progress = Progress::impossible;
  }
  update(id, awaiting);
}

std::vector<ReportWrite> ReportFetches::end(const SessionId& id) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return {};
  std::vector<ReportWrite> missing;
  for (Report& report : found->second.reports) {
    if (report.kept()) continue;
    if (report.error.code.empty())
      report.error = {"NOT_FETCHED", "reports.patience was over before it was fetched", kNoWall};
    missing.push_back({report.name, nullptr, report.error});
  }
  queue_.erase({found->second.queued, id});
  deadlines_.erase({found->second.until, id});
  std::erase_if(ended_, [&id](const Ended& ended) { return ended.id == id; });
  awaiting_.erase(found);
  return missing;
}

std::optional<ReportFetches::Fetch> ReportFetches::next(Steady now) {
  if (places_taken_ == kAtOnce || queue_.empty() || queue_.begin()->first > now) return std::nullopt;
  const SessionId id = queue_.begin()->second;
  Awaiting& awaiting = awaiting_.at(id);
  const auto waiting = [](const Report& r) { return r.progress == Progress::waiting ? r.due : kNever; };
  Report& report = *std::ranges::min_element(awaiting.reports, {}, waiting);
  report.progress = Progress::fetching;
  report.fetch = ++last_fetch_;
  ++places_taken_;
  update(id, awaiting);
  return Fetch{id, {report.name, report.url}, report.fetch};
}

void ReportFetches::storing(const Fetch& fetch) {
  if (Report* const report = find(fetch)) report->progress = Progress::storing;
}

void ReportFetches::stored(const Fetch& fetch, Steady now) {
  Report* const report = find(fetch);
  if (report == nullptr) return;
  report->progress = Progress::stored;
  Awaiting& awaiting = awaiting_.at(fetch.id);
  awaiting.turn = now;
  update(fetch.id, awaiting);
}

void ReportFetches::failed(const Fetch& fetch, const ReportAnswer& answer, Steady now, std::uint32_t jitter) {
  Report* const report = find(fetch);
  if (report == nullptr) return;
  Awaiting& awaiting = awaiting_.at(fetch.id);
  report->error = answer.error;
  ++report->tries;
  report->progress = Progress::impossible;
  if (answer.result == ReportAnswer::Result::try_again && report->tries < kMostTries) {
    report->progress = Progress::waiting;
    report->due = now + backoff(policy_, report->tries, jitter);
  } else if (answer.result == ReportAnswer::Result::link_expired && !awaiting.renewed) {
    report->progress = Progress::link_expired;
  }
  awaiting.turn = now;
  update(fetch.id, awaiting);
}

std::optional<ReportFetches::Ended> ReportFetches::next_ended(Steady now) {
  if (!ended_.empty()) {
    const Ended ended = ended_.front();
    ended_.pop_front();
    return ended;
  }
  if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
  const SessionId id = deadlines_.begin()->second;
  deadlines_.erase(deadlines_.begin());
  return Ended{id, awaiting_.at(id).complete() ? Trigger::reports_fetched : Trigger::reports_missing};
}

Steady ReportFetches::next_time() const {
  if (!ended_.empty()) return Steady{};
  const Steady fetch = queue_.empty() || places_taken_ == kAtOnce ? kNever : queue_.begin()->first;
  return deadlines_.empty() ? fetch : std::min(fetch, deadlines_.begin()->first);
}

ReportFetches::Report* ReportFetches::find(Awaiting& awaiting, const ReportName& name) {
  const auto report = std::ranges::find(awaiting.reports, name, &Report::name);
  return report == awaiting.reports.end() ? nullptr : &*report;
}

ReportFetches::Report* ReportFetches::find(const Fetch& fetch) {
  const auto found = awaiting_.find(fetch.id);
  if (found == awaiting_.end()) return nullptr;
  Report* const report = find(found->second, fetch.link.name);
  return report != nullptr && report->fetch == fetch.number ? report : nullptr;
}

bool ReportFetches::awaits(const Fetch& fetch) {
  const Report* const report = find(fetch);
  return report != nullptr && report->progress == Progress::fetching;
}

void ReportFetches::update(const SessionId& id, Awaiting& awaiting) {
  const bool under_way = awaiting.any(Progress::fetching) || awaiting.any(Progress::storing);
  const bool waiting = awaiting.any(Progress::waiting);
  queue_.erase({awaiting.queued, id});
  awaiting.queued = kNever;
  if (waiting && !under_way) {
    for (const Report& report : awaiting.reports) {
      if (report.progress == Progress::waiting) awaiting.queued = std::min(awaiting.queued, report.due);
    }
    awaiting.queued = std::max(awaiting.queued, awaiting.turn);
    queue_.emplace(awaiting.queued, id);
  }
  if (waiting || under_way) return;
  if (awaiting.any(Progress::link_expired)) {
    awaiting.renewed = true;
    ended_.push_back({id, Trigger::report_link_expired});
  } else {
    ended_.push_back({id, awaiting.complete() ? Trigger::reports_fetched : Trigger::reports_missing});
  }
}

}  // namespace bankconnect::follow
