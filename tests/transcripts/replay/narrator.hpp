// Writes down what happens, a line each, in the order in which it happens.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bankconnect/clock.hpp"
#include "statemachine/session_id.hpp"

namespace bankconnect::transcripts {

class Narrator {
 public:
  explicit Narrator(const Clock& clock) : clock_(clock), began_(clock.now()), shown_(began_.steady) {}

  /// The line, below an `at` line when time has passed since the last one.
  void tell(const std::string& line);
  /// What was told since the last time.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

  /// Counted from the beginning of the transcript.
  std::string at(Steady time) const;
  std::string at(Wall time) const;
  std::string at(Elapsed time) const;
  Wall began() const { return began_.wall; }

 private:
  const Clock& clock_;
  const Moment began_;
  Steady shown_;
  std::vector<std::string> lines_;
};

/// A transcript has numbers for session ids.
SessionId id_of(std::uint32_t number);
std::string session(const SessionId& id);

}  // namespace bankconnect::transcripts
