// Virtual time and its queue of events. Events at the same time run in the order in which they were added.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "bankconnect/clock.hpp"

namespace bankconnect::simulation {

class Agenda final : public Clock {
 public:
  using Deed = std::function<void()>;

  Moment now() const override {
    const Elapsed elapsed = elapsed_at(steady_);
    return {steady_, as_wall(elapsed) + wall_offset_, elapsed};
  }
  Steady steady() const { return steady_; }
  Elapsed elapsed_at(Steady when) const { return as_elapsed(Wall((when - kBegin) + kWallBegin)); }

  void at(Steady when, Deed deed) {
    heap_.push_back({std::max(when, steady_), sequence_++, std::move(deed)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  void after(Duration time, Deed deed) { at(steady_ + time, std::move(deed)); }

  /// Runs the next event; false when there is none until `end`.
  bool step(Steady end) {
    if (heap_.empty() || heap_.front().when > end) return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    steady_ = entry.when;
    ++steps_;
    entry.deed();
    return true;
  }
  /// Sets the wall clock; the steady clock does not change.
  void jump(Duration by) { wall_offset_ += by; }
  std::uint64_t steps() const { return steps_; }

  static constexpr Steady kBegin = Steady(std::chrono::hours(1000));

 private:
  static constexpr Duration kWallBegin = std::chrono::hours(24 * 365 * 56);

  struct Entry {
    Steady when;
    std::uint64_t sequence;
    Deed deed;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
  }

  std::vector<Entry> heap_;
  Steady steady_ = kBegin;
  Duration wall_offset_{0};
  std::uint64_t sequence_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace bankconnect::simulation
