#include "src/sandbox/webhook_sender.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

namespace bankconnect::sandbox {
namespace {

namespace asio = boost::asio;

constexpr auto kExchangeTimeout = std::chrono::seconds{10};
// A wait of years would overflow the clock of the timer, so a long wait is split.
constexpr std::chrono::microseconds kMaxTimerWait = std::chrono::hours{1};
constexpr int kDeliveredStatus = 200;  // no other status counts

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

WebhookSender::WebhookSender(asio::io_context& loop, Sandbox& sandbox, RequestLog& log, const Clock& clock)
    : loop_(loop), sandbox_(sandbox), log_(log), clock_(clock), timer_(loop) {}

void WebhookSender::schedule() {
  const auto due = sandbox_.outbox().next_due();
  if (!due || in_flight_ >= kMaxConcurrent || armed_for_ == due) return;
  armed_for_ = due;
  timer_.expires_after(std::clamp(*due - clock_.now(), std::chrono::microseconds{0}, kMaxTimerWait));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // cancelled: armed for another time
    armed_for_.reset();
    send_due();
  });
}

void WebhookSender::send_due() {
  while (in_flight_ < kMaxConcurrent) {
    auto webhook = sandbox_.outbox().take_due(clock_.now());
    if (!webhook) break;
    send(std::move(*webhook));
  }
  schedule();
}

void WebhookSender::send(Webhook webhook) {
  const WebhookSettings& settings = sandbox_.webhook();
  const Session& session = sandbox_.sessions().at(webhook.session_id);
  if (settings.url.empty() || (!webhook.manual && !is_subscribed(settings, webhook.event.type))) {
    sandbox_.outbox().release_held(webhook.session_id, clock_.now());
    return;
  }
  WebhookMessage message = webhook_message_of(webhook, session, settings.secret);
  LogEntry entry = log_entry_of(webhook, message.event_name);
  if (has_fault(webhook, WebhookFaultKind::lost)) {
    finish(webhook, std::move(entry));
    return;
  }
  try {
    WebhookTarget target = parse_webhook_url(settings.url);
    ++in_flight_;
    asio::co_spawn(
        loop_, deliver(std::move(webhook), std::move(entry), std::move(message), std::move(target)), rethrow);
  } catch (const std::invalid_argument& problem) {
    entry.webhook->error = problem.what();
    finish(webhook, std::move(entry));
  }
}

asio::awaitable<void> WebhookSender::deliver(Webhook webhook, LogEntry entry, WebhookMessage message,
                                             WebhookTarget target) {
  const auto begun = std::chrono::steady_clock::now();
  const auto deadline = begun + kExchangeTimeout;
  const ExchangeResult result = co_await post_webhook(target, message, deadline);
  const auto took = std::chrono::steady_clock::now() - begun;
  entry.http_status = result.http_status;
  entry.effect = result.http_status == kDeliveredStatus && result.error.empty() ? "delivered" : "failed";
  entry.webhook->error = result.error;
  entry.webhook->took = std::chrono::duration_cast<Duration>(took);
  --in_flight_;
  finish(webhook, std::move(entry));
  send_due();
}

void WebhookSender::finish(const Webhook& webhook, LogEntry entry) {
  if (entry.effect.empty()) entry.effect = "not_sent";
  log_.add(std::move(entry));
  sandbox_.outbox().release_held(webhook.session_id, clock_.now());
}

LogEntry WebhookSender::log_entry_of(const Webhook& webhook, const std::string& event_name) const {
  const Session& session = sandbox_.sessions().at(webhook.session_id);
  LogEntry entry;
  entry.at = clock_.now();
  entry.steady_us = Clock::steady_us();
  entry.call = "webhook";
  entry.session_id = webhook.session_id;
  if (webhook.fault_action) entry.fault = name_of(kWebhookFaultNames, webhook.fault_action->kind);
  entry.upload_status = status_name(state_at(*session.scenario, session.history, entry.at));
  entry.webhook = WebhookLogFields{.event = name_of(kWebhookEventNames, webhook.event.type),
                                   .event_name = event_name,
                                   .changed_at = webhook.event.at,
                                   .error = {},
                                   .took = {}};
  return entry;
}

}  // namespace bankconnect::sandbox
