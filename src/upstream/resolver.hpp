// BankConnect's addresses, remembered. A lookup cannot be interrupted, so nobody waits for one longer than
// their own deadline, and whoever knows an address hardly at all; the lookup goes on, and whoever asks next
// has its result.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

/// Begins a lookup; its result comes later, on the loop.
using LookUp = std::function<void(std::function<void(boost::system::error_code, Addresses)>)>;

/// By the system's means.
LookUp system_look_up(boost::asio::io_context& loop, const std::string& host, const std::string& port);

class Resolver {
 public:
  /// Of an address, and of `localhost`, nobody is asked.
  Resolver(
      boost::asio::io_context& loop, std::string host, const std::string& port, LookUp look_up,
      std::function<Deadline()> now = [] { return std::chrono::steady_clock::now(); });

  /// The addresses, or a fault (DNS_FAILED, TIMEOUT). Those that were looked up within the last hour are
  /// given at once, and after 30 s looked up again meanwhile. When they are doubted, that lookup is waited
  /// for, but only for a moment.
  boost::asio::awaitable<std::variant<Addresses, Fault>> addresses(Deadline deadline);

  /// Nobody could be reached at the addresses: whoever asks next has them looked up anew, unless that was
  /// done within the last second.
  void doubt() { doubted_ = true; }
  /// Somebody could.
  void trust() { doubted_ = false; }

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
  std::vector<boost::asio::steady_timer*> waiting_;  ///< whoever waits for the lookup under way
  bool busy_ = false;
  bool doubted_ = false;
  bool fixed_ = false;  ///< known from the name itself
  Addresses known_;
  Deadline known_since_{};
  Deadline next_refresh_{};
  std::string last_error_;
};

}  // namespace bankconnect::upstream
