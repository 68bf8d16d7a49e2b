// Host names to addresses, remembered for a while. A lookup cannot be interrupted, so nobody waits for one
// longer than their own deadline; the lookup goes on, and whoever asks next has its result.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <variant>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

class Resolver {
 public:
  Resolver(boost::asio::io_context& loop, std::string host, std::string port);

  /// The addresses, from memory if they are younger than 30 s, or a fault (DNS_FAILED, TIMEOUT). While
  /// lookups fail, addresses that once worked are used for up to an hour.
  boost::asio::awaitable<std::variant<Addresses, Fault>> addresses(Deadline deadline);

  bool busy() const { return busy_; }

 private:
  void begin();

  boost::asio::io_context& loop_;
  boost::asio::ip::tcp::resolver resolver_;
  std::vector<boost::asio::steady_timer*> waiting_;  ///< whoever waits for the lookup under way
  std::string host_;
  std::string port_;
  bool busy_ = false;
  Addresses known_;
  Deadline known_since_{};
  std::string last_error_;
};

}  // namespace bankconnect::upstream
