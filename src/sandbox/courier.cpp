#include "src/sandbox/courier.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <stdexcept>

namespace bankconnect::sandbox {
namespace {

namespace asio = boost::asio;

constexpr auto kWholeExchange = std::chrono::seconds{10};
// What lies further ahead is looked at again then; a duration of years would overflow the timer's clock.
constexpr std::chrono::microseconds kLongestSleep = std::chrono::hours{1};
constexpr int kWantedStatus = 200;  // exactly

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Courier::Courier(asio::io_context& loop, Sandbox& sandbox, RequestLog& log, const Clock& clock)
    : loop_(loop), sandbox_(sandbox), log_(log), clock_(clock), timer_(loop) {}

void Courier::wake() {
  const auto due = sandbox_.outbox().next_due();
  if (!due || in_flight_ >= kMostAtOnce || armed_for_ == due) return;
  armed_for_ = due;
  timer_.expires_after(std::clamp(*due - clock_.now(), std::chrono::microseconds{0}, kLongestSleep));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // set anew
    armed_for_.reset();
    send_what_is_due();
  });
}

void Courier::send_what_is_due() {
  while (in_flight_ < kMostAtOnce) {
    auto sending = sandbox_.outbox().take_due(clock_.now());
    if (!sending) break;
    send(std::move(*sending));
  }
  wake();
}

void Courier::send(Sending sending) {
  const WebhookSettings& settings = sandbox_.webhook();
  const Session& session = sandbox_.sessions().at(sending.session_id);
  if (settings.url.empty() || (!sending.by_hand && !wanted(settings, sending.occasion.event))) {
    sandbox_.outbox().follow_up(sending.session_id, clock_.now());
    return;
  }
  Outgoing outgoing = outgoing_of(sending, session, settings.secret);
  LogEntry entry = entry_of(sending, outgoing.event_name);
  if (is(sending, WebhookFaultKind::lost)) {
    settle(sending, std::move(entry));
    return;
  }
  try {
    WebhookTarget target = parse_webhook_url(settings.url);
    ++in_flight_;
    asio::co_spawn(loop_,
                   deliver(std::move(sending), std::move(entry), std::move(outgoing), std::move(target)),
                   rethrow);
  } catch (const std::invalid_argument& problem) {
    entry.webhook->error = problem.what();
    settle(sending, std::move(entry));
  }
}

asio::awaitable<void> Courier::deliver(Sending sending, LogEntry entry, Outgoing outgoing,
                                       WebhookTarget target) {
  const auto begun = std::chrono::steady_clock::now();
  const auto deadline = begun + kWholeExchange;
  const Receipt receipt = co_await post_webhook(target, outgoing, deadline);
  const auto took = std::chrono::steady_clock::now() - begun;
  entry.http_status = receipt.http_status;
  entry.effect = receipt.http_status == kWantedStatus && receipt.error.empty() ? "delivered" : "failed";
  entry.webhook->error = receipt.error;
  entry.webhook->took = std::chrono::duration_cast<Duration>(took);
  --in_flight_;
  settle(sending, std::move(entry));
  send_what_is_due();
}

void Courier::settle(const Sending& sending, LogEntry entry) {
  if (entry.effect.empty()) entry.effect = "not_sent";
  log_.add(std::move(entry));
  sandbox_.outbox().follow_up(sending.session_id, clock_.now());
}

LogEntry Courier::entry_of(const Sending& sending, const std::string& event_name) const {
  const Session& session = sandbox_.sessions().at(sending.session_id);
  LogEntry entry;
  entry.at = clock_.now();
  entry.steady_us = Clock::steady_us();
  entry.call = "webhook";
  entry.session_id = sending.session_id;
  if (sending.twist) entry.fault = name_of(kWebhookFaultNames, sending.twist->kind);
  entry.upload_status = name_of_truth(truth_at(*session.scenario, session.events, entry.at));
  entry.webhook = WebhookNote{.event = name_of(kWebhookEventNames, sending.occasion.event),
                              .event_name = event_name,
                              .changed_at = sending.occasion.at,
                              .error = {},
                              .took = {}};
  return entry;
}

}  // namespace bankconnect::sandbox
