// All the randomness of a run, from its seed alone, the same with every compiler.
#pragma once

#include <cstddef>
#include <cstdint>

#include "statemachine/moment.hpp"

namespace bankconnect::simulation {

/// splitmix64: small, fast, and good enough to choose faults.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, below).
  std::uint64_t below(std::uint64_t below) { return below == 0 ? 0 : next() % below; }
  /// True with this probability per thousand.
  bool permille(std::uint32_t share) { return below(1000) < share; }
  /// Uniform in [from, to].
  Duration between(Duration from, Duration to) {
    return from +
           Duration(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((to - from).count()) + 1)));
  }
  /// Mostly small, at most `most`: each power of two is equally likely.
  Duration skewed(Duration most) {
    auto bound = static_cast<std::uint64_t>(most.count());
    const std::uint64_t halvings = below(16);
    for (std::uint64_t i = 0; i < halvings && bound > 1; ++i)
      bound /= 2;
    return Duration(static_cast<std::int64_t>(below(bound + 1)));
  }

 private:
  std::uint64_t state_;
};

}  // namespace bankconnect::simulation
