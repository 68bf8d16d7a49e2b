// What is explored: a configuration and what may happen, each as small as it can be.
#pragma once

#include <vector>

#include "tests/explore/alphabet.hpp"

namespace bankconnect::explore {

std::vector<World> worlds();

}  // namespace bankconnect::explore
