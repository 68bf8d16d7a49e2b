#include <sys/stat.h>

#include "bankconnect/daemon.hpp"

int main(int argc, char** argv) {
  // Whatever it was started with: no folder or file of ours is for every user, or for its group to change.
  constexpr mode_t kNever = 027;
  ::umask(::umask(kNever) | kNever);
  return bankconnect::run_daemon(argc, argv);
}
