#include "src/daemon/service.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace bankconnect::daemon {

namespace {

/// sd_notify(3) without the wait: that one blocks while the receiver does not read, and the event loop with
/// it. False when the message was not sent; true also when there is no receiver.
bool notify(std::string_view message) {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(name);
  if (length >= sizeof(address.sun_path)) return false;
  std::copy_n(name, length, address.sun_path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // abstract: not in the file system
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  const bool sent = ::sendto(socket, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size) >= 0;
  ::close(socket);
  return sent;
}

}  // namespace

bool notify_ready(const std::string& status) {
  return notify("READY=1\nSTATUS=" + status);
}
void notify_status(const std::string& status) {
  notify("STATUS=" + status);
}
void notify_stopping() {
  notify("STOPPING=1\nSTATUS=stopping");
}
void notify_watchdog() {
  notify("WATCHDOG=1");
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
