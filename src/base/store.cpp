#include "bankconnect/store.hpp"

namespace bankconnect {

bool went_back(const LogPosition& before, const LogPosition& now) {
  if (before.log_id.empty()) return false;
  if (before.log_id == now.log_id) return before.newest > now.newest || before.commands > now.commands;
  return now.newest > 0 && before.log_id != now.previous;
}

}  // namespace bankconnect
