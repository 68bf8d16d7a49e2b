// The latest events as lines, so that an event is written out once, however many clients follow the log. A
// value without I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "bankconnect/records.hpp"

namespace bankconnect::control {

class RecentEvents {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr std::size_t kMostBytes = 1 << 20;

  struct Page {
    std::string lines;
    std::uint64_t count = 0;
    std::uint64_t last = 0;  ///< `seq` of the last event that was looked at
  };

  /// The newest event, on disk. One that is not the next after the one before makes the earlier ones be
  /// dropped.
  void add(const EventRecord& event);
  /// A session was erased: its events are blank from now on. All are dropped.
  void clear();

  /// At most `most` events with a larger `seq`, of one session only where `id` is given. Nothing when the
  /// events right after `seq` may not be here.
  std::optional<Page> after(std::uint64_t seq, std::uint64_t most, const std::optional<SessionId>& id) const;

 private:
  struct Event {
    SessionId id;
    std::string line;
  };

  std::deque<Event> events_;
  std::uint64_t first_ = 1;  ///< `seq` of the first of them
  std::size_t bytes_ = 0;
};

}  // namespace bankconnect::control
