// One webhook on the wire: one attempt, within one limit.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "src/sandbox/webhook_body.hpp"
#include "src/sandbox/webhook_settings.hpp"

namespace bankconnect::sandbox {

struct ExchangeResult {
  int http_status = 0;  // 0: no answer
  std::string error;    // why there is none, or what was wrong with it; empty: nothing
};

// Both arguments must outlive the exchange. Never throws for what the listener does or leaves undone.
boost::asio::awaitable<ExchangeResult> post_webhook(const WebhookTarget& target,
                                                    const WebhookMessage& message,
                                                    std::chrono::steady_clock::time_point deadline);

}  // namespace bankconnect::sandbox
