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
  /// These of a session that waits are on disk, from before a restart.
  void add_stored(const SessionId& id, const std::vector<ReportName>& names);
  /// The links of insights that just came. Reports that were fetched are not fetched again.
  void set_links(const SessionId& id, const ReportLinks& links, Steady now);
  /// The session waits no longer: returns the reports that neither are stored nor being stored, and why.
  std::vector<ReportWrite> end(const SessionId& id);

  struct Fetch {
    SessionId id;
    ReportLink link;
    std::uint64_t number = 0;  ///< of all fetches: the same report may be fetched anew while this one hangs
  };
  /// What to fetch now; its place is taken until `left`. Sessions take turns, with one fetch each at a time.
  std::optional<Fetch> next(Steady now);
  /// What a fetch brought is on disk, or dropped.
  void left() { --places_taken_; }
  /// Whether a session still waits for what this fetch brings.
  bool awaits(const Fetch& fetch);
  /// What came of it, where that is so: it is on its way to the disk and then on it, or it failed.
  void storing(const Fetch& fetch);
  void stored(const Fetch& fetch, Steady now);
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
  enum class Progress : std::uint8_t { waiting, fetching, storing, stored, link_expired, impossible };
  struct Report {
    ReportName name;
    std::string url;
    Progress progress = Progress::waiting;
    std::uint16_t tries = 0;
    std::uint64_t fetch = 0;  ///< the number of the last one
    Steady due = kNever;
    LastError error;

    /// On disk, or before whatever is written after this.
    bool kept() const { return progress == Progress::stored || progress == Progress::storing; }
  };
  struct Awaiting {
    Steady until = kNever;
    bool renewed = false;        ///< fresh links were asked for, which happens once
    bool linked = false;         ///< its links are known
    bool some_unusable = false;  ///< there are links that cannot be used
    Steady turn = kNoSteady;     ///< not before the others that wait since then
    Steady queued = kNever;      ///< its place in the queue; kNever: it is not in it
    std::vector<Report> reports;

    bool any(Progress progress) const;
    /// Whether none of its reports is missing.
    bool complete() const;
  };

  Report* find(const Fetch& fetch);
  Report* find(Awaiting& awaiting, const ReportName& name);
  /// After a change: its place in the queue, and whether it has ended.
  void update(const SessionId& id, Awaiting& awaiting);

  const Policy& policy_;
  std::map<SessionId, Awaiting> awaiting_;
  std::set<std::pair<Steady, SessionId>> deadlines_;
  std::set<std::pair<Steady, SessionId>> queue_;  ///< sessions with something to fetch and no fetch under way
  std::deque<Ended> ended_;
  std::uint32_t places_taken_ = 0;
  std::uint64_t last_fetch_ = 0;
};

}  // namespace bankconnect::follow
