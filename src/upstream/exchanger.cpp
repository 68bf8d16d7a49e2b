#include "src/upstream/exchanger.hpp"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "bankconnect/text.hpp"
#include "src/upstream/tls.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

std::optional<asio::ssl::context> context_for(const UpstreamConfig& config) {
  if (!config.base_url.tls) return std::nullopt;
  return make_tls_context(config.ca_file);
}

std::optional<Tunnel> tunnel_for(const UpstreamConfig& config, const std::string& user_agent,
                                 const Credentials& credentials) {
  if (!config.proxy || reached_without_proxy(config.base_url.host, config.no_proxy)) return std::nullopt;
  return Tunnel{*config.proxy, user_agent, credentials.proxy};
}

}  // namespace

Exchanger::Exchanger(asio::io_context& loop, const Clock& clock, const UpstreamConfig& config,
                     std::string user_agent, Credentials credentials)
    : Exchanger(loop, clock, config, std::move(user_agent), std::move(credentials), context_for(config)) {}

Exchanger::Exchanger(asio::io_context& loop, const Clock& clock, const UpstreamConfig& config,
                     std::string user_agent, Credentials credentials, std::optional<asio::ssl::context> tls)
    : clock_(clock),
      base_(config.base_url),
      connect_timeout_(config.connect_timeout),
      user_agent_(std::move(user_agent)),
      credentials_(std::move(credentials)),
      tls_(std::move(tls)),
      tunnel_(tunnel_for(config, user_agent_, credentials_)),
      connector_(loop, base_, tls_ ? &*tls_ : nullptr, tunnel_ ? &*tunnel_ : nullptr, config.connect_timeout,
                 system_look_up(loop, tunnel_ ? tunnel_->proxy.host : base_.host,
                                tunnel_ ? tunnel_->proxy.port : base_.port)) {}

Exchanger::~Exchanger() {
  wipe_credentials();
}

void Exchanger::wipe_credentials() {
  wipe(credentials_.api_key);
  wipe(credentials_.server_hash);
  wipe(credentials_.proxy);
  if (tunnel_) wipe(tunnel_->credentials);
}

void Exchanger::set_credentials(Credentials credentials) {
  wipe_credentials();
  credentials_ = std::move(credentials);
  if (tunnel_) tunnel_->credentials = credentials_.proxy;
}

void Exchanger::reload_roots(const std::string& ca_file) {
  if (!tls_) return;
  *tls_ = make_tls_context(ca_file);
  ++roots_;
  idle_.clear();
}

void Exchanger::keep(Exchange exchange) {
  if (exchange.connection && exchange.roots == roots_) idle_.put(std::move(exchange.connection));
}

asio::awaitable<Exchange> Exchanger::exchange(HttpRequest request, ExchangeLimits limits) {
  Exchange exchange;
  exchange.roots = roots_;
  if (clock_.now().elapsed > limits.not_after) co_return exchange;
  request.host_field = base_.host_field;
  request.user_agent = user_agent_;
  std::unique_ptr<Connection> kept;
  if (limits.fresh_connection) {
    idle_.evict_one();
  } else {
    kept = idle_.take();
  }
  if (kept) {
    const auto left = limits.answer.deadline - std::chrono::steady_clock::now();
    kept->set_user_timeout(std::min(connect_timeout_, std::chrono::ceil<Duration>(left / 2)));
    exchange.reused = true;
    const bool dead = co_await send_once(std::move(kept), request, limits, &exchange);
    if (!dead) co_return exchange;
    idle_.clear();
    if (std::chrono::steady_clock::now() >= limits.answer.deadline) co_return exchange;
    exchange.reused = false;
  }
  auto connected = co_await connector_.connect(limits.answer.deadline);
  if (const auto* error = std::get_if<TransportError>(&connected)) {
    exchange.sent = true;
    exchange.outcome = *error;
    co_return exchange;
  }
  auto& fresh = std::get<std::unique_ptr<Connection>>(connected);
  const bool ignored = co_await send_once(std::move(fresh), request, limits, &exchange);
  static_cast<void>(ignored);  // on a new connection silence is the outcome
  co_return exchange;
}

/// Returns whether the connection was found dead: not one byte came back.
asio::awaitable<bool> Exchanger::send_once(std::unique_ptr<Connection> connection, const HttpRequest& request,
                                           ExchangeLimits limits, Exchange* exchange) {
  HttpRequest authenticated = request;
  exchange->sent = clock_.now().elapsed <= limits.not_after;
  if (!exchange->sent) co_return false;
  if (request.to_bankconnect) {
    authenticated.api_key = credentials_.api_key;
    authenticated.server_hash = credentials_.server_hash;
  }
  ConnectionReply reply = co_await connection->exchange(authenticated, limits.answer);
  wipe(authenticated.api_key);
  wipe(authenticated.server_hash);
  const bool dead = reply.silent && std::holds_alternative<TransportError>(reply.result);
  exchange->outcome = std::move(reply.result);
  exchange->connection = reply.reusable ? std::move(connection) : nullptr;
  co_return dead;
}

}  // namespace bankconnect::upstream
