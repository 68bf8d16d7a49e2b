// A cache of BankConnect's addresses. A look-up cannot be interrupted, so callers wait for it only until
// their own deadline, and hardly at all while an address is known; the look-up goes on, and its result serves
// later callers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

/// Begins a lookup; its result comes later, on the loop.
using LookUp = std::function<void(std::function<void(boost::system::error_code, Addresses)>)>;

/// By getaddrinfo, on a thread of Asio's.
LookUp system_look_up(boost::asio::io_context& loop, const std::string& host, const std::string& port);

class Resolver {
 public:
  /// An IP address and `localhost` need no look-up.
  Resolver(
      boost::asio::io_context& loop, std::string host, const std::string& port, LookUp look_up,
      std::function<Deadline()> now = [] { return std::chrono::steady_clock::now(); });
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// The addresses, or an error (DNS_FAILED, TIMEOUT). Those looked up within the last hour are returned at
  /// once, and after 30 s refreshed in the background. While they are suspect, the refresh is waited for
  /// briefly.
  boost::asio::awaitable<std::variant<Addresses, TransportError>> addresses(Deadline deadline);

  /// No address accepted a connection: the next call refreshes them, unless that was done within the last
  /// second.
  void mark_suspect() { suspect_ = true; }
  /// One did.
  void confirm() { suspect_ = false; }

  bool busy() const { return busy_; }

 private:
  bool usable() const;
  void refresh();
  boost::asio::awaitable<void> wait(Deadline deadline);
  void begin();
  void found(boost::system::error_code ec, Addresses addresses);

  boost::asio::io_context& loop_;
  const std::string host_;
  const LookUp look_up_;
  const std::function<Deadline()> now_;
  std::vector<boost::asio::steady_timer*> waiting_;  ///< of the callers that wait for the look-up under way
  bool busy_ = false;
  bool suspect_ = false;
  bool fixed_ = false;  ///< known from the name itself
  Addresses known_;
  Deadline known_since_{};
  Deadline next_refresh_{};
  std::string last_error_;
  /// Gone with this object: a look-up may outlast it.
  const std::shared_ptr<Resolver*> self_ = std::make_shared<Resolver*>(this);
};

}  // namespace bankconnect::upstream
