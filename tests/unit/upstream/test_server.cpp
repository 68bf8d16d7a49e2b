#include "tests/unit/upstream/test_server.hpp"

#include <linux/filter.h>
#include <sys/socket.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <stdexcept>

namespace bankconnect::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using Secure = asio::ssl::stream<tcp::socket>;

void drop_all_that_arrives(int socket) {
  sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{1, &drop_all};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    throw std::runtime_error("no filter can be attached to a socket");
}

namespace {

/// One connection; lives as long as something is pending on it.
template <class Stream>
class Conversation : public std::enable_shared_from_this<Conversation<Stream>> {
 public:
  Conversation(TestServer& server, Stream stream, Script script)
      : server_(server),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        script_(std::move(script)) {}

  void begin() {
    if constexpr (std::is_same_v<Stream, Secure>) {
      stream_.async_handshake(
          asio::ssl::stream_base::server, [self = this->shared_from_this()](boost::system::error_code ec) {
            if (ec) return;
            const char* name = SSL_get_servername(self->stream_.native_handle(), TLSEXT_NAMETYPE_host_name);
            self->server_.server_names.emplace_back(name != nullptr ? name : "");
            self->read();
          });
    } else if (!script_.empty()) {
      read();
    }
  }

 private:
  void read() {
    stream_.async_read_some(asio::buffer(chunk_), [self = this->shared_from_this()](
                                                      boost::system::error_code ec, std::size_t size) {
      if (ec) return;
      self->server_.bytes_received += size;
      self->received_.append(self->chunk_.data(), size);
      if (self->complete()) {
        self->server_.requests.push_back(std::exchange(self->received_, {}));
        self->answer();
      } else {
        self->read();
      }
    });
  }

  bool complete() const {
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto length = received_.find("Content-Length: ");
    const std::size_t body = length == std::string::npos ? 0 : std::stoul(received_.substr(length + 16));
    return received_.size() >= end + 4 + body;
  }

  void answer() {
    if (next_ == script_.size()) return;
    const Reply& reply = script_[next_++];
    if (reply.after.count() == 0) return send(reply);
    timer_.expires_after(reply.after);
    timer_.async_wait(
        [self = this->shared_from_this(), &reply](boost::system::error_code) { self->send(reply); });
  }

  void send(const Reply& reply) {
    asio::async_write(
        stream_, asio::buffer(reply.bytes),
        [self = this->shared_from_this(), then = reply.then](boost::system::error_code ec, std::size_t) {
          if (!ec) self->go_on(then);
        });
  }

  void go_on(Reply::Then then) {
    boost::system::error_code ignored;
    switch (then) {
      case Reply::Then::keep: read(); break;
      case Reply::Then::close: stream_.lowest_layer().close(ignored); break;
      case Reply::Then::reset:
        stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
        stream_.lowest_layer().close(ignored);
        break;
      case Reply::Then::stall: read(); break;
      case Reply::Then::vanish:
        drop_all_that_arrives(stream_.lowest_layer().native_handle());
        read();
        break;
      case Reply::Then::dribble:
        timer_.expires_after(std::chrono::milliseconds(5));
        timer_.async_wait([self = this->shared_from_this()](boost::system::error_code) {
          asio::async_write(self->stream_, asio::buffer(" ", 1),
                            [self](boost::system::error_code ec, std::size_t) {
                              if (!ec) self->go_on(Reply::Then::dribble);
                            });
        });
        break;
    }
  }

  TestServer& server_;
  Stream stream_;
  asio::steady_timer timer_;
  Script script_;
  std::size_t next_ = 0;
  std::string received_;
  std::array<char, 4096> chunk_{};
};

}  // namespace

TestServer::TestServer(asio::io_context& loop, std::vector<Script> scripts, asio::ssl::context* tls)
    : acceptor_(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      scripts_(std::move(scripts)),
      tls_(tls) {
  accept();
}

const Script& TestServer::next_script() {
  return scripts_[std::min(connections++, scripts_.size() - 1)];
}

void TestServer::accept() {
  acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
    if (ec) return;
    if (tls_ != nullptr) {
      std::make_shared<Conversation<Secure>>(*this, Secure(std::move(socket), *tls_), next_script())->begin();
    } else {
      std::make_shared<Conversation<tcp::socket>>(*this, std::move(socket), next_script())->begin();
    }
    accept();
  });
}

std::string http(int status, const std::string& body, const std::string& fields) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Status\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + fields + "\r\n" + body;
}

}  // namespace bankconnect::test
