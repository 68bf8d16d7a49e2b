// Sends the webhooks of the outbox when they are due.
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

// One timer serves all sessions. At most kMaxConcurrent exchanges run at once; further due webhooks wait for
// one to end. To be destroyed before its io_context, and only while that is not running.
class WebhookSender {
 public:
  static constexpr int kMaxConcurrent = 64;

  WebhookSender(boost::asio::io_context& loop, Sandbox& sandbox, RequestLog& log, const Clock& clock);

  // Arms the timer for the next due webhook. To be called after every change of the outbox.
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
