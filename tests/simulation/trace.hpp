// Records the events of a run as a hash and, on request, as printed lines.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "tests/simulation/agenda.hpp"
#include "tests/simulation/plan.hpp"

namespace bankconnect::simulation {

/// An invariant was violated.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Trace {
 public:
  Trace(const Agenda& agenda, bool print) : agenda_(agenda), print_(print) {}

  /// A session id as its short number.
  static std::string shown(const SessionId& id) {
    return "s" + std::to_string((id.bytes[14] << 8) | id.bytes[15]);
  }

  void line(std::string_view what, const SessionId& id, std::string_view more = {}) {
    mix(static_cast<std::uint64_t>(agenda_.steady().time_since_epoch().count()));
    mix_text(what);
    mix(id.bytes[15]);
    mix_text(more);
    if (!print_) return;
    const auto ms = (agenda_.steady() - Agenda::kBegin).count();
    std::printf("%10lld.%03lld  %-5s %s %s\n", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000), shown(id).c_str(), std::string(what).c_str(),
                std::string(more).c_str());
  }
  void struck(Fault fault) {
    ++faults_[static_cast<std::size_t>(fault)];
    line(to_string(fault), SessionId{});
  }
  std::uint64_t hash() const { return hash_; }
  const std::array<std::uint64_t, kFaults>& faults() const { return faults_; }
  bool printing() const { return print_; }

 private:
  void mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3ULL;
    hash_ ^= hash_ >> 29;
  }
  void mix_text(std::string_view text) {
    for (const char c : text)
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }

  const Agenda& agenda_;
  bool print_;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::array<std::uint64_t, kFaults> faults_{};
};

}  // namespace bankconnect::simulation
