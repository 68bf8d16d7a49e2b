// The commands of a transcript.
#pragma once

#include <string>

#include "tests/transcripts/replay/world.hpp"

namespace bankconnect::transcripts {

/// Carries out one line. Throws Mistake where the line makes no sense.
void carry_out(World& world, const std::string& line);

}  // namespace bankconnect::transcripts
