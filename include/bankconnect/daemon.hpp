// The daemon: wiring, start, signals, shutdown.
#pragma once

namespace bankconnect {

/// The contract's exit codes, and one for what may pass: an address that is taken, or not there yet.
enum ExitCode : int {
  kExitClean = 0,
  kExitUsage = 2,
  kExitCannotListen = 71,
  kExitOutOfMemory = 71,
  kExitDatabaseUnusable = 74,
  kExitDatabaseLocked = 75,
  kExitConfiguration = 78
};

/// Runs bankconnectd with its command line until it is told to stop. The only place where exceptions end.
int run_daemon(int argc, char** argv);

}  // namespace bankconnect
