// A small HTTP server that follows a script of replies and faults, on the test's own event loop. It listens
// at 127.0.0.1, on a port that the system chooses.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace bankconnect::test {

struct Reply {
  enum class Then {
    keep,     ///< wait for the next request
    close,    ///< orderly
    reset,    ///< with a TCP reset
    stall,    ///< never send anything again
    dribble,  ///< go on sending a blank every few milliseconds
    vanish,   ///< from now on drop all that arrives, without acknowledging it
  };
  std::string bytes;
  Then then = Then::keep;
  std::chrono::milliseconds after{0};  ///< how long after the request
};

/// What one connection's requests are answered with, in order. An empty script closes the connection at once.
using Script = std::vector<Reply>;

class TestServer {
 public:
  /// The n-th connection follows the n-th script, later ones the last. With `tls`, connections begin with a
  /// handshake.
  TestServer(boost::asio::io_context& loop, std::vector<Script> scripts,
             boost::asio::ssl::context* tls = nullptr);

  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

  std::vector<std::string> requests;  ///< head and body, as they came
  std::size_t bytes_received = 0;
  std::size_t connections = 0;
  std::vector<std::string> server_names;  ///< SNI of each handshake that succeeded, "" for none

 private:
  void accept();
  const Script& next_script();

  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<Script> scripts_;
  boost::asio::ssl::context* tls_;
};

/// Makes the system drop what arrives at the socket before it is acknowledged, as a firewall on the way
/// would. Connection attempts to a listening socket then get no reply.
void drop_all_that_arrives(int socket);

/// `HTTP/1.1 STATUS`, a Content-Length, the extra header lines (each ending in CRLF) and the body.
std::string http(int status, const std::string& body, const std::string& fields = "");

}  // namespace bankconnect::test
