#include "tests/integration/wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace bankconnect::test {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

/// Returns the port.
int bind_to_free_port(int fd) {
  sockaddr_in where = loopback(0);
  socklen_t size = sizeof where;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&where), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) == 0;
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(where.sin_port);
}

}  // namespace

bool HttpClient::connect() {
  close();
  const bool local = address_.starts_with("unix:");
  fd_ = ::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval timeout{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  if (local) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::strncpy(where.sun_path, address_.c_str() + 5, sizeof where.sun_path - 1);
    return ::connect(fd_, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in where = loopback(std::atoi(address_.c_str() + address_.find(':') + 1));
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

void HttpClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

HttpReply HttpClient::post(const std::string& path, const Fields& fields, const std::string& body) {
  std::string request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  for (const auto& [name, value] : fields)
    request += name + ": " + value + "\r\n";
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  if (fd_ < 0 && !connect()) {
    close();
    return {};
  }
  const bool sent =
      ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
  return sent ? receive() : HttpReply{};
}

HttpReply HttpClient::receive() {
  std::string got;
  std::size_t total = std::string::npos;
  std::size_t begin = 0;
  while (got.size() < total) {
    char part[4096];
    const ssize_t size = ::recv(fd_, part, sizeof part, 0);
    if (size <= 0) {
      close();
      return {};
    }
    got.append(part, static_cast<std::size_t>(size));
    const std::size_t end = got.find("\r\n\r\n");
    if (begin != 0 || end == std::string::npos) continue;
    begin = end + 4;
    const std::size_t length = got.find("Content-Length: ");
    total = begin + (length < end ? std::strtoul(got.c_str() + length + 16, nullptr, 10) : 0);
  }
  const std::size_t close_field = got.find("Connection: close");
  if (close_field < begin) close();
  return {std::atoi(got.c_str() + got.find(' ')), got.substr(begin)};
}

// This socket and the daemon's both set SO_REUSEADDR, so the daemon can bind while this one does not listen.
// The kernel assigns a bound port to no other program.
ReservedPort::ReservedPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  port_ = bind_to_free_port(fd_);
}

ReservedPort::~ReservedPort() {
  ::close(fd_);
}

int listening_socket(std::string& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address = "127.0.0.1:" + std::to_string(bind_to_free_port(fd));
  if (::listen(fd, SOMAXCONN) != 0) throw std::runtime_error("no socket listens");
  return fd;
}

}  // namespace bankconnect::test
