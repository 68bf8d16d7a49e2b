#include "bankconnect/listen.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace bankconnect::net {

namespace {

Error listen_failed(const std::string& where, const char* what) {
  return {ErrorCode::cannot_listen, where + ": " + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  ListenAddress out;
  const auto bad_address = [&text](const char* what) {
    return Error{ErrorCode::bad_address,
                 "\"" + text + "\" " + what + "; expected 127.0.0.1:8080, [::]:8443 or unix:/path/to/socket"};
  };
  if (text.find('\0') != std::string::npos) return bad_address("has a NUL in it");
  if (text.starts_with("unix:")) {
    out.unix_path = text.substr(5);
    if (!out.unix_path.starts_with('/')) return bad_address("does not name an absolute path");
    if (out.unix_path.size() >= sizeof sockaddr_un{}.sun_path)
      return bad_address("names a path that is too long for a socket");
    return out;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return bad_address("has no port");
  std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  if (ec || address.is_v6() != bracketed) return bad_address("does not name an IP address");
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size())
    return bad_address("has no port");
  out.host = address.to_string();
  out.loopback = address.is_loopback();
  return out;
}

std::string to_string(const ListenAddress& address) {
  if (!address.unix_path.empty()) return "unix:" + address.unix_path;
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const ListenAddress& address) {
  // Asio's endpoint is copied as bytes: a sockaddr of either family.
  const boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(address.host), address.port);
  SocketAddress out;
  std::memcpy(&out.storage, endpoint.data(), endpoint.size());
  out.size = static_cast<socklen_t>(endpoint.size());
  return out;
}

}  // namespace

Result<int> listen_on(const ListenAddress& address) {
  if (!address.unix_path.empty()) {
    // A reverse proxy runs as another user: the mode of the folder decides who can connect.
    const auto listening = listen_unix(address.unix_path, 0666, "");
    if (const auto* error = std::get_if<UnixSocketError>(&listening))
      return Error{ErrorCode::cannot_listen, error->message};
    return std::get<int>(listening);
  }
  const SocketAddress where = socket_address(address);
  const std::string name = address.host + " port " + std::to_string(address.port);
  const int fd = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_failed(name, "no socket can be made");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool listening = ::bind(fd, where.data(), where.size) == 0 && ::listen(fd, SOMAXCONN) == 0;
  if (listening) return fd;
  const Error error = listen_failed(name, "cannot listen here");
  ::close(fd);
  return error;
}

std::string bound_address(int listening_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return "an unknown address";
  if (storage.ss_family == AF_UNIX)
    return std::string("unix:") + reinterpret_cast<sockaddr_un*>(&storage)->sun_path;
  boost::asio::ip::tcp::endpoint endpoint;
  if (size > endpoint.capacity()) return "an unknown address";
  std::memcpy(endpoint.data(), &storage, size);
  endpoint.resize(size);
  ListenAddress address;
  address.host = endpoint.address().to_string();
  address.port = endpoint.port();
  return to_string(address);
}

}  // namespace bankconnect::net
