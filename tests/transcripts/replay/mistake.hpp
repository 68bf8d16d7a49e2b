// What is wrong with a transcript itself; whoever reads the file adds its name and line.
#pragma once

#include <stdexcept>

namespace bankconnect::transcripts {

struct Mistake final : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bankconnect::transcripts
