// Sends one webhook: one attempt with one deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "src/sandbox/webhook_body.hpp"
#include "src/sandbox/webhook_settings.hpp"

namespace bankconnect::sandbox {

struct ExchangeResult {
  int http_status = 0;  // 0: no answer
  std::string error;    // why there is no answer, or how it was invalid; empty: no error
};

// Both arguments must outlive the exchange. Reports network errors in the result and never throws them.
boost::asio::awaitable<ExchangeResult> post_webhook(const WebhookTarget& target,
                                                    const WebhookMessage& message,
                                                    std::chrono::steady_clock::time_point deadline);

}  // namespace bankconnect::sandbox
