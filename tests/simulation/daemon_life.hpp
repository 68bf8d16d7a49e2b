// Which life of the daemon something belongs to: what was meant for one that was killed reaches nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace bankconnect::simulation {

class DaemonLife {
 public:
  std::uint64_t number() const { return number_; }
  void end() { ++number_; }

  /// `deed`, if the daemon that lives now still does when it comes to it.
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
