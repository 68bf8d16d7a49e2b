// Where a server listens: `127.0.0.1:8080`, `[::]:8443`, `unix:/run/…`.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "bankconnect/http_server.hpp"

namespace bankconnect::net {

namespace {

Error failed(const std::string& where, const char* what) {
  return {"CANNOT_LISTEN", where + ": " + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  ListenAddress out;
  const auto fault = [&text](const char* what) {
    return Error{"BAD_ADDRESS",
                 "\"" + text + "\" " + what + "; expected 127.0.0.1:8080, [::]:8443 or unix:/path/to/socket"};
  };
  if (text.find('\0') != std::string::npos) return fault("has a NUL in it");
  if (text.starts_with("unix:")) {
    out.unix_path = text.substr(5);
    if (!out.unix_path.starts_with('/')) return fault("does not name an absolute path");
    if (out.unix_path.size() >= sizeof sockaddr_un{}.sun_path)
      return fault("names a path that is too long for a socket");
    return out;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return fault("has no port");
  std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  if (ec || address.is_v6() != bracketed) return fault("does not name an IP address");
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return fault("has no port");
  out.host = address.to_string();
  out.loopback = address.is_loopback();
  return out;
}

Result<int> listen_at(const ListenAddress& where) {
  if (!where.unix_path.empty()) {
    // The proxy in front of it is another user: who may connect is what the folder's mode says.
    const auto listening = listen_unix(where.unix_path, 0666, "");
    if (const auto* error = std::get_if<UnixSocketError>(&listening))
      return Error{"CANNOT_LISTEN", error->message};
    return std::get<int>(listening);
  }
  const auto address = boost::asio::ip::make_address(where.host);
  const std::string name = where.host + " port " + std::to_string(where.port);
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(where.port);
    v4->sin_addr.s_addr = htonl(address.to_v4().to_uint());
    size = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(where.port);
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(&v6->sin6_addr, bytes.data(), bytes.size());
    v6->sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
    size = sizeof *v6;
  }
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed(name, "no socket can be made");
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool listening =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), size) == 0 && ::listen(fd, SOMAXCONN) == 0;
  if (listening) return fd;
  const Error error = failed(name, "cannot listen here");
  ::close(fd);
  return error;
}

std::string name_of(int listening_fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return "an unknown address";
  if (storage.ss_family == AF_UNIX)
    return std::string("unix:") + reinterpret_cast<sockaddr_un*>(&storage)->sun_path;
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
  }
  const auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6->sin6_port));
}

}  // namespace bankconnect::net
