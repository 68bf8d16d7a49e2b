// Sends what the outbox holds when it is due.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "src/sandbox/clock.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"
#include "src/sandbox/webhook_exchange.hpp"

namespace bankconnect::sandbox {

// One timer for all sessions, and a limited number of exchanges at once; what is due beyond that waits for
// one of them to end. To be destroyed before the loop it runs on, and not while that runs.
class Courier {
 public:
  static constexpr int kMostAtOnce = 64;

  Courier(boost::asio::io_context& loop, Sandbox& sandbox, RequestLog& log, const Clock& clock);

  // To be called whenever something may have entered the outbox.
  void wake();

 private:
  void send_what_is_due();
  void send(Sending sending);
  boost::asio::awaitable<void> deliver(Sending sending, LogEntry entry, Outgoing outgoing,
                                       WebhookTarget target);
  void settle(const Sending& sending, LogEntry entry);
  LogEntry entry_of(const Sending& sending, const std::string& event_name) const;

  boost::asio::io_context& loop_;
  Sandbox& sandbox_;
  RequestLog& log_;
  const Clock& clock_;
  boost::asio::steady_timer timer_;
  std::optional<Instant> armed_for_;
  int in_flight_ = 0;
};

}  // namespace bankconnect::sandbox
