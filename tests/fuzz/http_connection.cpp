// Any bytes as a connection to the real server, over a Unix socket on the same thread. The server accepts and
// refuses the same requests as its pure parts, and finds the same ends.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "tests/fuzz/http_reading.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

/// What happened on a connection.
struct Outcome {
  std::vector<std::string> served;  ///< method, path and body of each request
  std::vector<int> statuses;        ///< of the responses, in order
  bool operator==(const Outcome&) const = default;
};

std::string summary(const net::Request& request) {
  return request.method + " " + request.path + " [" + request.body + "]";
}

/// What should happen, by the pure parts alone.
Outcome expected(std::string_view bytes) {
  Outcome outcome;
  for (bool more = true; more && !bytes.empty();) {
    if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // one empty line is skipped
    const Reading read = read_in_pieces(bytes, bytes.size(), ::getuid());
    more = read.stage == Reading::Stage::complete && read.framing.keep_alive;
    if (read.stage == Reading::Stage::refused) outcome.statuses.push_back(read.status);
    if (read.stage != Reading::Stage::complete) break;
    outcome.served.push_back(summary(read.request));
    outcome.statuses.push_back(200);
    bytes.remove_prefix(read.end);
  }
  return outcome;
}

net::ServerLimits limits() {
  net::ServerLimits limits;
  limits.max_header = kMaxHeader;
  limits.max_body = kMaxBody;
  return limits;
}

/// Listens on an address chosen by the kernel, which leaves no file.
class Server {
 public:
  Server() : listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sun_family = AF_UNIX;
    ::bind(listening_, reinterpret_cast<const sockaddr*>(&address_), sizeof(sa_family_t));
    size_ = sizeof address_;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address_), &size_);
    must(::listen(listening_, 16) == 0, "the socket listens");
    server_.serve(listening_);
  }

  /// Sends `bytes` in pieces of `size`, runs the loop after each, and reads until the server closes.
  Outcome serve(std::string_view bytes, std::size_t size) {
    served_.clear();
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(::connect(fd, reinterpret_cast<const sockaddr*>(&address_), size_) == 0, "the server accepts");
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, size);
      if (::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL) <= 0) break;
      bytes.remove_prefix(piece.size());
      loop_.poll();
    }
    ::shutdown(fd, SHUT_WR);
    const std::string responses = read_all(fd);
    ::close(fd);
    loop_.poll();
    must(server_.connections() == 0, "a closed connection is not counted");
    return {served_, statuses_in(responses)};
  }

 private:
  /// Limited by turns of the loop and not by time, as all input has been sent.
  std::string read_all(int fd) {
    std::string out;
    for (int turns = 0; turns < 10'000; ++turns) {
      loop_.poll();
      char bytes[4096];
      const ssize_t size = ::recv(fd, bytes, sizeof bytes, 0);
      if (size > 0) out.append(bytes, static_cast<std::size_t>(size));
      if (size == 0 || (size < 0 && errno != EAGAIN)) return out;
    }
    must(false, "the server closes after the end of the input");
    return out;
  }

  static std::vector<int> statuses_in(const std::string& responses) {
    constexpr std::string_view kBegin = "HTTP/1.1 ";
    std::vector<int> out;
    for (auto at = responses.find(kBegin); at != std::string::npos; at = responses.find(kBegin, at + 1)) {
      const int status = std::atoi(responses.c_str() + at + kBegin.size());
      if (status != 100) out.push_back(status);  // sent or not, depending on what has arrived
    }
    return out;
  }

  boost::asio::io_context loop_{1};
  int listening_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
  std::vector<std::string> served_;
  net::HttpServer server_{loop_, limits(),
                          [this](const net::Request& request) -> boost::asio::awaitable<net::Response> {
                            net::Response response;
                            served_.push_back(summary(request));
                            response.content_type = "text/plain";
                            response.body = "served";
                            co_return response;
                          },
                          [](const net::Rejection&) { return std::string("{}"); }};
};

void check(std::string_view bytes) {
  static Server server;
  const Outcome outcome = expected(bytes);
  must(server.serve(bytes, std::max<std::size_t>(bytes.size(), 1)) == outcome,
       "the server agrees with its parts when all bytes arrive at once");
  must(server.serve(bytes, 1 + bytes.size() / 5) == outcome,
       "the server agrees with its parts when the bytes arrive in pieces");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
