#include "src/sandbox/server.hpp"

#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <iostream>

#include "src/sandbox/connection.hpp"

namespace bankconnect::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kFlushInterval = std::chrono::milliseconds{20};
constexpr auto kAcceptPause = std::chrono::milliseconds{50};

// Thousands of connections need more descriptors than the usual soft limit of 1024 allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Ignores network errors, which faults cause all the time. Any other exception ends the program.
void connection_ended(const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error&) {
  }
}

asio::awaitable<void> accept_connections(tcp::acceptor& acceptor, ServerContext& context) {
  boost::system::error_code error;
  auto no_throw = asio::redirect_error(asio::use_awaitable, error);
  asio::steady_timer timer(acceptor.get_executor());
  for (;;) {
    auto socket = co_await acceptor.async_accept(no_throw);
    if (!error) {
      asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), context), connection_ended);
      continue;
    }
    timer.expires_after(kAcceptPause);  // probably out of descriptors: retry when some are free
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> flush_periodically(asio::io_context& loop, RequestLog& log) {
  asio::steady_timer timer(loop);
  for (;;) {
    timer.expires_after(kFlushInterval);
    co_await timer.async_wait(asio::use_awaitable);
    log.flush();
  }
}

asio::ssl::context tls_context(const Options& options) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  if (!options.tls_certificate.empty()) {
    context.use_certificate_chain_file(options.tls_certificate);
    context.use_private_key_file(options.tls_key, asio::ssl::context::pem);
  }
  return context;
}

void print_address(const tcp::endpoint& endpoint, bool tls) {
  std::cout << "listening on " << (tls ? "https" : "http") << "://" << endpoint << "/bank-connect/v1"
            << std::endl;
}

}  // namespace

void run_server(const Options& options, ScenarioFile scenarios) {
  raise_descriptor_limit();
  const Clock clock;
  RequestLog log(options.request_log);
  WebhookSettings webhook{.url = options.webhook_url, .mode = {}, .secret = {}};
  if (!options.webhook_secret_file.empty()) webhook.secret = read_webhook_secret(options.webhook_secret_file);
  Sandbox sandbox(std::move(scenarios), options.credentials, clock.now(), std::move(webhook));
  asio::ssl::context tls = tls_context(options);
  const bool over_tls = !options.tls_certificate.empty();

  asio::io_context loop(1);
  WebhookSender sender(loop, sandbox, log, clock);
  ServerContext context{sandbox, log, sender, clock, over_tls ? &tls : nullptr};
  tcp::acceptor acceptor(loop, options.listen);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  asio::co_spawn(loop, accept_connections(acceptor, context), asio::detached);
  asio::co_spawn(loop, flush_periodically(loop, log), asio::detached);
  sender.schedule();
  print_address(acceptor.local_endpoint(), over_tls);
  loop.run();
  log.flush();
}

}  // namespace bankconnect::sandbox
