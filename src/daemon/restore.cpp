#include "src/daemon/restore.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "bankconnect/daemon.hpp"
#include "bankconnect/store_sqlite.hpp"

namespace bankconnect::daemon {

int restore(const std::string& copy, const std::string& database) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto restored = restore_sqlite_store(copy, database, fmt::format(".replaced-{:%Y%m%dT%H%M%SZ}", now));
  if (restored.has_error()) {
    const StoreOpenError& error = restored.error();
    std::fprintf(stderr, "bankconnectd: %s\n", error.message.c_str());
    return error.failure == OpenFailure::locked_by_another_instance ? kExitDatabaseLocked
                                                                    : kExitDatabaseUnusable;
  }
  fmt::print("restored {} to {} (sessions: {}, not final: {}, newest event: {})\n", copy, database,
             restored->sessions, restored->live, restored->newest_event);
  if (!restored->replaced.empty()) fmt::print("what was there is now {}\n", restored->replaced);
  fmt::print(
      "once started, the daemon asks about these sessions and initiates none until `bankconnectctl "
      "resume`\n");
  return kExitClean;
}

}  // namespace bankconnect::daemon
