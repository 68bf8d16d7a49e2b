#include "src/follow/report_fetches.hpp"

#include <algorithm>

#include "statemachine/pacing.hpp"

namespace bankconnect::follow {

void ReportFetches::await(const SessionId& id, Steady until) {
  const auto [waiting, fresh] = awaiting_.try_emplace(id);
  if (!fresh) return;
  waiting->second.until = until;
  deadlines_.emplace(until, id);  // PLANT: report-deadline
}

void ReportFetches::set_links(const SessionId& id, const std::vector<ReportLink>& links, Steady now) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return;
  for (const ReportLink& link : links) {
    Report* report = find(id, link.name);
    if (report == nullptr) {
      report = &found->second.reports.emplace_back();
      report->name = link.name;
    } else if (report->progress != Progress::link_expired) {
      continue;
    }
    report->url = link.url;
    put(id, *report, now);
  }
  // What has no fresh link cannot be had.
  for (Report& report : found->second.reports) {
    if (report.progress == Progress::link_expired) report.progress = Progress::impossible;
  }
  check_ended(id);
}

std::vector<ReportWrite> ReportFetches::end(const SessionId& id) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return {};
  std::vector<ReportWrite> missing;
  std::vector<Report>& reports = found->second.reports;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    queue_.erase({reports[i].due, {id, i}});
    if (reports[i].progress == Progress::stored) continue;
    if (reports[i].error.code.empty())
      reports[i].error = {"NOT_FETCHED", "reports.patience was over before it was fetched", kNoWall};
    missing.push_back({reports[i].name, nullptr, reports[i].error});
  }
  deadlines_.erase({found->second.until, id});
  std::erase_if(ended_, [&id](const Ended& ended) { return ended.id == id; });
  awaiting_.erase(found);
  return missing;
}

std::optional<ReportFetches::Fetch> ReportFetches::next(Steady now) {
  if (fetching_ == kAtOnce || queue_.empty() || queue_.begin()->first > now) return std::nullopt;
  const auto [id, index] = queue_.begin()->second;
  queue_.erase(queue_.begin());
  Report& report = awaiting_.at(id).reports[index];
  report.progress = Progress::fetching;
  report.fetch = ++last_fetch_;
  ++fetching_;
  return Fetch{id, {report.name, report.url}, report.fetch};
}

void ReportFetches::stored(const Fetch& fetch) {
  Report* const report = find(fetch);
  if (report == nullptr) return;
  report->progress = Progress::stored;
  check_ended(fetch.id);
}

void ReportFetches::failed(const Fetch& fetch, const ReportAnswer& answer, Steady now, std::uint32_t jitter) {
  Report* const report = find(fetch);
  if (report == nullptr) return;
  report->error = answer.error;
  ++report->tries;
  const bool again = answer.result == ReportAnswer::Result::try_again && report->tries < kMostTries;
  if (again) return put(fetch.id, *report, now + backoff(policy_, report->tries, jitter));
  const bool expired = answer.result == ReportAnswer::Result::link_expired && !awaiting_.at(fetch.id).renewed;
  report->progress = expired ? Progress::link_expired : Progress::impossible;
  check_ended(fetch.id);
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
  return Ended{id, Trigger::reports_missing};
}

Steady ReportFetches::next_time() const {
  if (!ended_.empty()) return Steady{};
  const Steady fetch = queue_.empty() || fetching_ == kAtOnce ? kNever : queue_.begin()->first;
  return deadlines_.empty() ? fetch : std::min(fetch, deadlines_.begin()->first);
}

ReportFetches::Report* ReportFetches::find(const SessionId& id, const ReportName& name) {
  const auto found = awaiting_.find(id);
  if (found == awaiting_.end()) return nullptr;
  const auto report = std::ranges::find(found->second.reports, name, &Report::name);
  return report == found->second.reports.end() ? nullptr : &*report;
}

ReportFetches::Report* ReportFetches::find(const Fetch& fetch) {
  return awaits(fetch) ? find(fetch.id, fetch.link.name) : nullptr;
}

bool ReportFetches::awaits(const Fetch& fetch) const {
  const auto found = awaiting_.find(fetch.id);
  if (found == awaiting_.end()) return false;
  return std::ranges::any_of(found->second.reports, [&fetch](const Report& report) {
    return report.progress == Progress::fetching && report.fetch == fetch.number;
  });
}

void ReportFetches::put(const SessionId& id, Report& report, Steady due) {
  const auto index = static_cast<std::size_t>(&report - awaiting_.at(id).reports.data());
  report.progress = Progress::waiting;
  report.due = due;
  queue_.emplace(due, std::pair(id, index));
}

/// Whether nothing more is to be fetched with the links that are there.
void ReportFetches::check_ended(const SessionId& id) {
  Awaiting& awaiting = awaiting_.at(id);
  const auto any = [&awaiting](Progress progress) {
    return std::ranges::any_of(awaiting.reports,
                               [progress](const Report& r) { return r.progress == progress; });
  };
  if (any(Progress::waiting) || any(Progress::fetching)) return;
  if (any(Progress::link_expired)) {
    awaiting.renewed = true;
    ended_.push_back({id, Trigger::report_link_expired});
  } else {
    ended_.push_back({id, any(Progress::impossible) ? Trigger::reports_missing : Trigger::reports_fetched});
  }
}

}  // namespace bankconnect::follow
