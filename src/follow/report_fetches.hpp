// Which reports are still to be fetched, as a value: for each session that waits for its reports their links,
// what became of each, and until when it waits. Fetching is left to the caller, which says what came of it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bankconnect/ports.hpp"
#include "bankconnect/store.hpp"

namespace bankconnect::follow {

class ReportFetches {
 public:
  /// Reports that are fetched at once, of all sessions: they come from another host than BankConnect's, and
  /// each may have tens of megabytes.
  static constexpr std::uint32_t kAtOnce = 2;
  static constexpr std::uint16_t kMostTries = 20;

  explicit ReportFetches(const Policy& policy) : policy_(policy) {}

  /// The session waits until then. Its links are still to come. Nothing changes if it waits already.
  void await(const SessionId& id, Steady until);
  /// The links of insights that just came. Reports that were fetched are not fetched again.
  void set_links(const SessionId& id, const std::vector<ReportLink>& links, Steady now);
  /// The session waits no longer: returns the reports that did not come, and why.
  std::vector<ReportWrite> end(const SessionId& id);

  struct Fetch {
    SessionId id;
    ReportLink link;
    std::uint64_t number = 0;  ///< of all fetches: the same report may be fetched anew while this one hangs
  };
  /// What to fetch now; its place is taken until `left`.
  std::optional<Fetch> next(Steady now);
  /// What a fetch brought is on disk, or dropped.
  void left() { --fetching_; }
  /// Whether a session still waits for what this fetch brings.
  bool awaits(const Fetch& fetch) const;
  /// What came of it, where that is so: it is on disk, or failed.
  void stored(const Fetch& fetch);
  void failed(const Fetch& fetch, const ReportAnswer& answer, Steady now, std::uint32_t jitter);

  struct Ended {
    SessionId id;
    Trigger trigger;  ///< reports_fetched, reports_missing or report_link_expired
  };
  /// A session about which nothing more is to be fetched with the links it has, or whose time is over. Each
  /// is returned once.
  std::optional<Ended> next_ended(Steady now);
  /// When `next` or `next_ended` may have something; kNever: not before something else happens.
  Steady next_time() const;

 private:
  enum class Progress : std::uint8_t { waiting, fetching, stored, link_expired, impossible };
  struct Report {
    ReportName name;
    std::string url;
    Progress progress = Progress::waiting;
    std::uint16_t tries = 0;
    std::uint64_t fetch = 0;  ///< the number of the last one
    Steady due = kNever;
    LastError error;
  };
  struct Awaiting {
    Steady until = kNever;
    bool renewed = false;  ///< fresh links were asked for, which happens once
    std::vector<Report> reports;
  };

  Report* find(const SessionId& id, const ReportName& name);
  Report* find(const Fetch& fetch);
  void put(const SessionId& id, Report& report, Steady due);
  void check_ended(const SessionId& id);

  const Policy& policy_;
  std::map<SessionId, Awaiting> awaiting_;
  std::set<std::pair<Steady, SessionId>> deadlines_;
  std::set<std::pair<Steady, std::pair<SessionId, std::size_t>>> queue_;  ///< of reports, by due time
  std::deque<Ended> ended_;
  std::uint32_t fetching_ = 0;
  std::uint64_t last_fetch_ = 0;
};

}  // namespace bankconnect::follow
