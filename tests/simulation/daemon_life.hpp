// Counts the runs of the daemon, so that events meant for a killed one are dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace bankconnect::simulation {

class DaemonLife {
 public:
  std::uint64_t number() const { return number_; }
  void end() { ++number_; }

  /// `deed`, which does nothing when the current daemon has been killed by the time it is called.
  template <class Deed>
  auto while_alive(Deed deed) {
    return [this, born = number_, deed = std::move(deed)]() mutable {
      if (born == number_) deed();
    };
  }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace bankconnect::simulation
