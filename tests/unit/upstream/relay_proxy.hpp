// An egress proxy that carries out CONNECT, on the test's own event loop, at 127.0.0.1.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <string>
#include <vector>

namespace bankconnect::test {

class RelayProxy {
 public:
  /// With `tls`, connections to it begin with a handshake.
  explicit RelayProxy(boost::asio::io_context& loop, boost::asio::ssl::context* tls = nullptr);

  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

  std::vector<std::string> requests;  ///< the header of each CONNECT, as it came

 private:
  void accept();

  boost::asio::io_context& loop_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ssl::context* tls_;
};

}  // namespace bankconnect::test
