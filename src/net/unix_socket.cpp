#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "bankconnect/listen.hpp"

namespace bankconnect::net {
namespace {

UnixSocketError failed(const std::string& path, const std::string& what) {
  const int error = errno;
  const bool transient = error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE ||
                         error == ENOMEM || error == ENOBUFS;
  return {false, transient, path + ": " + what + ": " + std::strerror(error)};
}

bool address_of(const std::string& path, sockaddr_un& address) {
  address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

std::optional<gid_t> group_id(const std::string& group) {
  gid_t number = 0;
  const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), number);
  if (error == std::errc{} && end == group.data() + group.size()) return number;
  const struct group* entry = ::getgrnam(group.c_str());
  if (entry == nullptr) return std::nullopt;
  return entry->gr_gid;
}

/// Removes a socket that no process listens on. An error when one does, or when the path is no socket.
std::optional<UnixSocketError> remove_stale_socket(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::nullopt;
    return failed(path, "cannot be looked at");
  }
  if (!S_ISSOCK(status.st_mode)) {
    return UnixSocketError{
        false, false, path + ": is taken by something that is not a socket; remove it or name another path"};
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return failed(path, "no socket can be made");
  const int connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::close(probe);
  if (connected == 0 || error != ECONNREFUSED)
    return UnixSocketError{true, false, path + ": another process listens there"};
  if (::unlink(path.c_str()) != 0) return failed(path, "a socket left behind cannot be removed");
  return std::nullopt;
}

}  // namespace

std::variant<int, UnixSocketError> listen_unix(const std::string& path, mode_t mode,
                                               const std::string& group) {
  sockaddr_un address{};
  if (!address_of(path, address)) {
    return UnixSocketError{false, false, path + ": a socket path has 1 to 107 characters"};
  }
  std::optional<gid_t> gid;
  if (!group.empty()) {
    gid = group_id(group);
    if (!gid) return UnixSocketError{false, false, path + ": there is no group \"" + group + "\""};
  }
  if (auto occupied = remove_stale_socket(path, address)) return *occupied;

  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed(path, "no socket can be made");
  // bind() gives the file the socket's own mode, so that at no moment it is wider than asked for; and before
  // listen() no client can connect.
  const bool bound =
      ::fchmod(fd, 0600) == 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool ready = bound && (!gid || ::chown(path.c_str(), static_cast<uid_t>(-1), *gid) == 0) &&
                     ::chmod(path.c_str(), mode) == 0 && ::listen(fd, SOMAXCONN) == 0;
  if (ready) return fd;
  const UnixSocketError error = failed(path, "cannot listen here");
  if (bound) ::unlink(path.c_str());
  ::close(fd);
  return error;
}

}  // namespace bankconnect::net
