// A heap of slots ordered by their due time, from which any slot can be removed again. A waiting session
// costs 16 bytes here.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "statemachine/moment.hpp"

namespace bankconnect::follow {

using Slot = std::uint32_t;

class DueQueue {
 public:
  /// Puts `slot` in at `due`, or moves it there when it is in already. O(log n).
  void put(Slot slot, Steady due);
  /// Takes `slot` out if it is in. O(log n).
  void remove(Slot slot);
  /// The slot that is due first (the oldest due comes first), or nothing when the queue is empty.
  std::optional<Slot> first() const;
  /// When that slot is due; kNever when the queue is empty.
  Steady first_due() const { return heap_.empty() ? kNever : heap_.front().due; }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Steady due;
    Slot slot;
  };
  static constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

  void place(std::size_t position, Entry entry);
  void sift_up(std::size_t position, Entry entry);
  void sift_down(std::size_t position, Entry entry);

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> position_of_;  ///< by slot
};

}  // namespace bankconnect::follow
