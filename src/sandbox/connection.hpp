#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "src/sandbox/clock.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"
#include "src/sandbox/webhook_sender.hpp"

namespace bankconnect::sandbox {

// What all connections share. One thread runs them, so there are no locks.
struct ServerContext {
  Sandbox& sandbox;
  RequestLog& log;
  WebhookSender& sender;
  const Clock& clock;
  boost::asio::ssl::context* tls;  // null: plain HTTP
};

// Serves one connection until either side closes it. Throws boost::system::system_error on a network
// error.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, ServerContext& context);

}  // namespace bankconnect::sandbox
