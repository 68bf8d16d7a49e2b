// `configure`: the keys of the configuration file that the rules and the follower depend on.
#pragma once

#include "bankconnect/follow.hpp"
#include "tests/transcripts/replay/words.hpp"

namespace bankconnect::transcripts {

struct Settings {
  Policy policy;
  FollowOptions options;
};

/// Takes every `SECTION.KEY=VALUE` out of the words.
void configure(Settings& settings, Words& words);

}  // namespace bankconnect::transcripts
