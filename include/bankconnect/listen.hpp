// Where a server listens: addresses as the configuration writes them, and the sockets made from them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <variant>

#include "bankconnect/error.hpp"

namespace bankconnect::net {

/// An IP address and a port, or the path of a Unix socket.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;  ///< 0: any free one
  bool loopback = false;
  std::string unix_path;  ///< empty: TCP

  bool operator==(const ListenAddress&) const = default;
};

/// Reads `127.0.0.1:8080`, `[::]:8443`, `unix:/path`. Error BAD_ADDRESS says what would be right.
Result<ListenAddress> parse_listen_address(const std::string& text);
/// The same form back.
std::string to_string(const ListenAddress& address);

/// A listening socket, close-on-exec and non-blocking. A Unix socket gets mode 0666: its folder decides who
/// can reach it. Error CANNOT_LISTEN.
Result<int> listen_on(const ListenAddress& address);

/// What a listening socket is bound to, as `parse_listen_address` reads it.
std::string bound_address(int listening_fd);

struct UnixSocketError {
  bool in_use = false;     ///< another process listens there
  bool transient = false;  ///< no space, descriptors or memory: the same may succeed later
  std::string message;
};
/// A listening Unix socket with this `mode` and `group` (a name or a number, empty: unchanged), both set
/// before a client can connect. A socket left by a process that is gone is replaced; anything else at the
/// path is an error and left alone.
std::variant<int, UnixSocketError> listen_unix(const std::string& path, mode_t mode,
                                               const std::string& group);

}  // namespace bankconnect::net
