#include "statemachine/require.hpp"

#include <cstdio>
#include <cstdlib>

namespace bankconnect {

void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "bankconnectd: broken invariant: %s\n", invariant);
  std::abort();
}

}  // namespace bankconnect
