// A connection, as bytes: requests one after another to the real server, over a Unix socket on the same
// thread. It serves what its pure parts accept, refuses what they refuse, and cuts requests where they do.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "tests/fuzz/http_reading.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

/// What a connection came to.
struct Life {
  std::vector<std::string> served;  ///< method, path and body of each request
  std::vector<int> statuses;        ///< of the answers, in order
  bool operator==(const Life&) const = default;
};

std::string told(const net::Request& request) {
  return request.method + " " + request.path + " [" + request.body + "]";
}

/// What should come of it, by the pure parts alone.
Life expected(std::string_view bytes) {
  Life life;
  for (bool more = true; more && !bytes.empty();) {
    const Reading read = read_in_pieces(bytes, bytes.size());
    more = read.stage == Reading::Stage::whole && read.framing.keep_alive;
    if (read.stage == Reading::Stage::refused) life.statuses.push_back(read.status);
    if (read.stage != Reading::Stage::whole) break;
    life.served.push_back(told(read.request));
    life.statuses.push_back(200);
    bytes.remove_prefix(read.end);
  }
  return life;
}

net::ServerLimits limits() {
  net::ServerLimits limits;
  limits.max_header = kMaxHeader;
  limits.max_body = kMaxBody;
  return limits;
}

/// Listens at an address the kernel makes up, which leaves no file.
class Server {
 public:
  Server() : listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sun_family = AF_UNIX;
    ::bind(listening_, reinterpret_cast<const sockaddr*>(&address_), sizeof(sa_family_t));
    size_ = sizeof address_;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address_), &size_);
    must(::listen(listening_, 16) == 0, "a socket can be listened at");
    server_.serve(listening_);
  }

  /// Sends `bytes` in pieces of `size`, gives the server its turn after each, and reads until it closes.
  Life serve(std::string_view bytes, std::size_t size) {
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
    const std::string answers = read_all(fd);
    ::close(fd);
    loop_.poll();
    must(server_.connections() == 0, "nothing is left of a connection that ended");
    return {served_, statuses_in(answers)};
  }

 private:
  /// Counted in turns of the loop and not in time: everything the server waits for is there already.
  std::string read_all(int fd) {
    std::string out;
    for (int turns = 0; turns < 10'000; ++turns) {
      loop_.poll();
      char bytes[4096];
      const ssize_t size = ::recv(fd, bytes, sizeof bytes, 0);
      if (size > 0) out.append(bytes, static_cast<std::size_t>(size));
      if (size == 0 || (size < 0 && errno != EAGAIN)) return out;
    }
    must(false, "the server closes once nothing more will come");
    return out;
  }

  static std::vector<int> statuses_in(const std::string& answers) {
    constexpr std::string_view kBegin = "HTTP/1.1 ";
    std::vector<int> out;
    for (auto at = answers.find(kBegin); at != std::string::npos; at = answers.find(kBegin, at + 1)) {
      const int status = std::atoi(answers.c_str() + at + kBegin.size());
      if (status != 100) out.push_back(status);  // whether it is asked for depends on what has come
    }
    return out;
  }

  boost::asio::io_context loop_{1};
  int listening_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
  std::vector<std::string> served_;
  net::HttpServer server_{
      loop_, limits(),
      [this](const net::Request& request, net::Responder& responder) -> boost::asio::awaitable<void> {
        served_.push_back(told(request));
        std::string type = "text/plain";
        std::string body = "served";
        co_await responder.send(200, std::move(type), std::move(body));
      },
      [](const net::Rejection&) { return std::string("{}"); }};
};

void check(std::string_view bytes) {
  static Server server;
  const Life life = expected(bytes);
  must(server.serve(bytes, std::max<std::size_t>(bytes.size(), 1)) == life,
       "the server does what its parts say, when everything comes at once");
  must(server.serve(bytes, 1 + bytes.size() / 5) == life,
       "the server does what its parts say, when it comes in pieces");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
