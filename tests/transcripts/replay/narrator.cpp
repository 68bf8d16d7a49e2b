#include "tests/transcripts/replay/narrator.hpp"

#include "tests/support/fake_world.hpp"
#include "tests/transcripts/replay/times.hpp"

namespace bankconnect::transcripts {

void Narrator::tell(const std::string& line) {
  const Steady now = clock_.now().steady;
  if (now != shown_) lines_.push_back("at " + at(now));
  shown_ = now;
  lines_.push_back(line);
}

std::string Narrator::at(Steady time) const {
  return clock_time(time - began_.steady);
}

std::string Narrator::at(Wall time) const {
  return clock_time(time - began_.wall);
}

std::string Narrator::at(Elapsed time) const {
  return clock_time(time - began_.elapsed);
}

SessionId id_of(std::uint32_t number) {
  return test::id_of(number);
}

std::string session(const SessionId& id) {
  std::uint32_t number = 0;
  for (std::size_t i = 12; i < 16; ++i)
    number = number << 8 | id.bytes[i];
  return "session " + std::to_string(number);
}

}  // namespace bankconnect::transcripts
