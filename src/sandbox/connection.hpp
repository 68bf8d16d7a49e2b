#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "src/sandbox/clock.hpp"
#include "src/sandbox/request_log.hpp"
#include "src/sandbox/sandbox.hpp"
#include "src/sandbox/webhook_sender.hpp"

namespace bankconnect::sandbox {

// What every connection shares. One thread runs them all, so nothing here is locked.
struct ServerContext {
  Sandbox& sandbox;
  RequestLog& log;
  WebhookSender& sender;
  const Clock& clock;
  boost::asio::ssl::context* tls;  // null: plain HTTP
};

// Serves one client until either side has had enough. Throws boost::system::system_error when the line
// breaks.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, ServerContext& context);

}  // namespace bankconnect::sandbox
