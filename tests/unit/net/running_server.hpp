// A server on a Unix socket in its own thread, and clients that send raw bytes to it.
#pragma once

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <thread>

#include "bankconnect/http_server.hpp"
#include "bankconnect/listen.hpp"
#include "tests/unit/store_sqlite/temp_dir.hpp"

namespace bankconnect::test {

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

inline std::string post(const std::string& body, const std::string& headers = "") {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

/// A blocking connection.
class Client {
 public:
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  /// To the loopback address over TCP.
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Waits until the server has read everything that was sent; false when that takes more than five seconds.
  /// Unix sockets only.
  bool sent_is_read() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    int unread = 1;
    while (::ioctl(fd_, SIOCOUTQ, &unread) == 0 && unread > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    return unread == 0;
  }

  /// Reads until `end` was seen, the server closed, or five seconds passed without a byte.
  std::string read_until(std::string_view end) {
    while (buffer_.find(end) == std::string::npos && read_some()) {
    }
    const auto found = buffer_.find(end);
    const std::size_t size = found == std::string::npos ? buffer_.size() : found + end.size();
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }
  std::string read_all() {
    while (read_some()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Whether the server closes the connection; false when five seconds pass without a byte.
  bool closed() {
    while (read_some()) {
    }
    return at_end_;
  }
  std::string read_exactly(std::size_t size) {
    while (buffer_.size() < size && read_some()) {
    }
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }
  /// Reads until no byte came for that long, or the server closed.
  std::string read_until_quiet(int milliseconds) {
    while (!at_end_ && readable(milliseconds) && read_some()) {
    }
    return std::exchange(buffer_, {});
  }
  bool at_end() const { return at_end_; }
  void shutdown_send() { ::shutdown(fd_, SHUT_WR); }
  int descriptor() const { return fd_; }
  bool readable(int milliseconds) {
    pollfd waited{fd_, POLLIN, 0};
    return ::poll(&waited, 1, milliseconds) > 0;
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  bool connected = false;

 private:
  bool read_some() {
    if (at_end_ || !readable(5000)) return false;
    char bytes[65536];
    const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
    if (size > 0) buffer_.append(bytes, static_cast<std::size_t>(size));
    if (size <= 0) at_end_ = true;
    return size > 0;
  }

  int fd_;
  bool at_end_ = false;
  std::string buffer_;
};

class RunningServer {
 public:
  explicit RunningServer(net::Handler handler, net::ServerLimits limits = short_limits(),
                         net::HeaderCheck check = nullptr)
      : server_(
            loop_, limits, std::move(handler),
            [](const net::Rejection& rejection) {
              return "{\"error\":{\"code\":\"" + std::string(to_string(rejection.code)) +
                     "\",\"message\":\"" + rejection.message + "\"}}";
            },
            std::move(check)) {
    const auto listening = net::listen_unix(path, 0600, "");
    server_.serve(std::get<int>(listening));
    server_.serve(tcp_);
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningServer() {
    on_loop([this] { server_.stop(); });
    work_.reset();
    loop_.stop();
    thread_.join();
  }

  static net::ServerLimits short_limits() {
    net::ServerLimits limits;
    limits.max_connections = 20;
    limits.max_header = 2048;
    limits.max_body = 10'000;
    limits.idle_timeout = std::chrono::seconds(1);
    limits.header_timeout = std::chrono::milliseconds(300);
    limits.body_timeout = std::chrono::milliseconds(300);
    limits.write_timeout = std::chrono::milliseconds(500);
    return limits;
  }

  void on_loop(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void stop() {
    on_loop([this] { server_.stop(); });
  }
  std::uint32_t connections() {
    std::uint32_t count = 0;
    on_loop([&] { count = server_.connections(); });
    return count;
  }
  /// Waits until `count` connections are open; false when that takes more than five seconds.
  bool reaches_connections(std::uint32_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (connections() != count) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  /// Sends a request on a new connection and reads until the server closes it.
  std::string exchange(std::string_view request) {
    Client client(path);
    client.send(request);
    return client.read_all();
  }
  /// For connections accepted from now on.
  void use_tls(std::shared_ptr<net::TlsIdentity> identity) {
    on_loop([&] { server_.use_tls(std::move(identity)); });
  }
  boost::asio::io_context& loop() { return loop_; }

 private:
  TempDir dir_;

 public:
  const std::string path = dir_ / "socket";

 private:
  const int tcp_ = *net::listen_on(*net::parse_listen_address("127.0.0.1:0"));

 public:
  const std::uint16_t port = net::parse_listen_address(net::bound_address(tcp_))->port;

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(loop_);
  net::HttpServer server_;
  std::thread thread_;
};

inline net::Response text_response(std::string body) {
  net::Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

/// A response without a body.
inline net::Response empty_response(int status) {
  net::Response response;
  response.status = status;
  return response;
}

/// Responds with the request's method, path and body.
inline net::Handler echo() {
  return [](const net::Request& request) -> boost::asio::awaitable<net::Response> {
    net::Response response = text_response(request.method + " " + request.path + " [" + request.body + "]");
    co_return response;
  };
}

}  // namespace bankconnect::test
