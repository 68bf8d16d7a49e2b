// The daemon: wiring, start, signals, shutdown.
#pragma once

namespace bankconnect {

/// The exit codes of docs/operating.md, named as in sysexits.h.
enum ExitCode : int {
  kExitClean = 0,
  kExitUsage = 2,
  kExitSystemError = 71,  ///< transient: an address in use or not there yet, no memory, no thread
  kExitDatabaseUnusable = 74,
  kExitDatabaseLocked = 75,
  kExitConfiguration = 78
};

/// Runs bankconnectd with its command line until a signal stops it. The only place where exceptions end.
int run_daemon(int argc, char** argv);

}  // namespace bankconnect
