#include "tests/simulation/rows_taken.hpp"

#include <cstdio>
#include <vector>

#include "statemachine/machine.hpp"

namespace {

std::vector<unsigned long long>& counts() {
  static std::vector<unsigned long long> taken(bankconnect::table().size());
  return taken;
}

}  // namespace

namespace bankconnect {

// The linker puts `counted_step` in the place of every call to `step` from outside its own file (--wrap).
Decision real_step(const Session&, const Event&, Moment, const Policy&) __asm__(
    "__real__ZN11bankconnect4stepERKNS_7SessionERKNS_5EventENS_6MomentERKNS_6PolicyE");
Decision counted_step(const Session&, const Event&, Moment, const Policy&) __asm__(
    "__wrap__ZN11bankconnect4stepERKNS_7SessionERKNS_5EventENS_6MomentERKNS_6PolicyE");

Decision counted_step(const Session& session, const Event& event, Moment now, const Policy& policy) {
  Decision decision = real_step(session, event, now, policy);
  if (decision.row != nullptr) ++counts()[static_cast<std::size_t>(decision.row - table().data())];
  return decision;
}

}  // namespace bankconnect

namespace bankconnect::simulation {

bool rows_taken(bool print) {
  bool all = true;
  for (std::size_t i = 0; i < counts().size(); ++i) {
    if (counts()[i] > 0) continue;
    all = false;
    const Row& row = table()[i];
    if (print) {
      const std::string_view event = name(row.trigger);
      std::printf("  row %zu was never taken: %.*s, %.*s\n", i + 1, static_cast<int>(event.size()),
                  event.data(), static_cast<int>(row.text.size()), row.text.data());
    }
  }
  return all;
}

}  // namespace bankconnect::simulation
