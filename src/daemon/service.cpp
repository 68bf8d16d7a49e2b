#include "src/daemon/service.hpp"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>

namespace bankconnect::daemon {

bool notify_ready(const std::string& status) {
  return sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()) >= 0;
}
void notify_status(const std::string& status) {
  sd_notify(0, ("STATUS=" + status).c_str());
}
void notify_stopping() {
  sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}
void notify_watchdog() {
  sd_notify(0, "WATCHDOG=1");
}

namespace {

void mask_signals(int how) {
  sigset_t set{};
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT})
    sigaddset(&set, signal);
  ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

void hold_signals() {
  mask_signals(SIG_BLOCK);
}
void release_signals() {
  mask_signals(SIG_UNBLOCK);
}

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return Duration(static_cast<std::int64_t>(microseconds / 1000));
}

int activated_socket(const std::string& name) {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(0, &names);
  int found = -1;
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    if (found < 0 && name == names[i] && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0) found = fd;
    std::free(names[i]);
  }
  std::free(names);
  return found;
}

}  // namespace bankconnect::daemon
