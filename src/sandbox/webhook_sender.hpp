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
class WebhookSender {
 public:
  static constexpr int kMaxConcurrent = 64;

  WebhookSender(boost::asio::io_context& loop, Sandbox& sandbox, RequestLog& log, const Clock& clock);

  // To be called whenever something may have entered the outbox.
  void schedule();

 private:
  void send_due();
  void send(Webhook webhook);
  boost::asio::awaitable<void> deliver(Webhook webhook, LogEntry entry, WebhookMessage message,
                                       WebhookTarget target);
  void finish(const Webhook& webhook, LogEntry entry);
  LogEntry log_entry_of(const Webhook& webhook, const std::string& event_name) const;

  boost::asio::io_context& loop_;
  Sandbox& sandbox_;
  RequestLog& log_;
  const Clock& clock_;
  boost::asio::steady_timer timer_;
  std::optional<Instant> armed_for_;
  int in_flight_ = 0;
};

}  // namespace bankconnect::sandbox
