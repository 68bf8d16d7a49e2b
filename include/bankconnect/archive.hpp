// What is stored, to be read: for those who show it. Callbacks come on the event-loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

struct SessionQuery {
  std::optional<State> state;
  std::optional<std::string> reference;
  std::uint32_t limit = 100;  ///< at most kMaxSessionsPage
  std::uint64_t after = 0;    ///< the `next` of the page before, 0 for the first
};
inline constexpr std::uint32_t kMaxSessionsPage = 1000;
inline constexpr std::uint32_t kMaxEventsPage = 1000;

struct SessionPage {
  std::vector<SessionRecord> sessions;  ///< in the order in which they were submitted
  std::uint64_t next = 0;               ///< 0: there are no more
};

struct EventPage {
  std::vector<EventRecord> events;
  std::uint64_t oldest = 1;  ///< the oldest `seq` left
  bool gone = false;         ///< events right after the asked-for `seq` are past retention
};

struct HintQuery {
  std::optional<SessionId> id;
  std::optional<HintResult> result;
  std::uint32_t limit = 100;  ///< at most kMaxHintsPage
  std::uint64_t before = 0;   ///< the `next` of the page before, 0 for the newest
};
inline constexpr std::uint32_t kMaxHintsPage = 1000;

struct HintPage {
  std::vector<HintRecord> hints;  ///< newest arrival first
  std::uint64_t next = 0;         ///< 0: there are no more
};

struct StoreFacts {
  std::uint64_t size_bytes = 0;  ///< of the database and its write-ahead log
  Duration commit_p50{0};
  Duration commit_p99{0};
  std::uint64_t commits = 0;
  std::uint64_t last_event_seq = 0;  ///< 0 before the first event
  bool disk_full = false;
  std::optional<SessionId> oldest_live;
  Wall oldest_live_submitted_at = kNoWall;
  Wall last_hint_at = kNoWall;  ///< kNoWall: none is kept
  std::optional<Registration> registration;
};

class Archive {
 public:
  virtual ~Archive() = default;

  virtual void session(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) = 0;
  virtual void sessions(SessionQuery query, std::function<void(Result<SessionPage>)> done) = 0;
  /// As it is stored: `unpack` gives the bytes.
  virtual void payload(SessionId id, Call kind, std::function<void(Result<std::optional<Payload>>)> done) = 0;
  /// Events with a `seq` above `after`, in order.
  virtual void events(std::uint64_t after, std::uint32_t limit,
                      std::function<void(Result<EventPage>)> done) = 0;
  /// Webhooks that were received.
  virtual void hints(HintQuery query, std::function<void(Result<HintPage>)> done) = 0;
  /// A consistent copy at `path`, which must not exist. Made a little at a time between commits.
  virtual void backup(std::string path, std::function<void(Result<void>)> done) = 0;
  virtual void facts(std::function<void(Result<StoreFacts>)> done) = 0;
};

}  // namespace bankconnect
