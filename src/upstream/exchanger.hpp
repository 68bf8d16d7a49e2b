// One request and its answer over a pool of kept-alive connections.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "bankconnect/clock.hpp"
#include "bankconnect/upstream.hpp"
#include "src/upstream/connector.hpp"
#include "src/upstream/idle_connections.hpp"

namespace bankconnect::upstream {

struct ExchangeLimits {
  AnswerLimits answer;            ///< its deadline is for connecting, too
  Elapsed not_after = kNoLimit;   ///< the request's first byte may not leave later
  bool fresh_connection = false;  ///< one that has carried no other request
};

struct Exchange {
  bool sent = false;  ///< false: `not_after` had passed before the first byte
  std::variant<HttpAnswer, TransportError> outcome;
  std::unique_ptr<Connection> connection;  ///< fit for another request if the answer is usable; else null
  bool reused = false;                     ///< the connection had carried other requests before
  std::uint32_t roots = 0;                 ///< which roots were the trusted ones when it began
};

class Exchanger {
 public:
  Exchanger(boost::asio::io_context& loop, const Clock& clock, const UpstreamConfig& config,
            std::string user_agent, Credentials credentials);
  /// With the roots in `tls`, which is shared with others; null: plain HTTP.
  Exchanger(boost::asio::io_context& loop, const Clock& clock, const UpstreamConfig& config,
            std::string user_agent, Credentials credentials, std::optional<boost::asio::ssl::context> tls);
  ~Exchanger();
  Exchanger(const Exchanger&) = delete;
  Exchanger& operator=(const Exchanger&) = delete;

  /// Sends the request and reads its answer. A kept-alive connection may have been dead before the request
  /// reached the server: then the request is sent once more, on a new one.
  boost::asio::awaitable<Exchange> exchange(HttpRequest request, ExchangeLimits limits);
  /// Returns the connection of an exchange to the pool. Not after an unusable answer: the next one on that
  /// connection might be the answer that belongs to it.
  void keep(Exchange exchange);

  void set_credentials(Credentials credentials);
  /// Idle connections are closed, and those in use once their call has ended.
  void reload_roots(const std::string& ca_file);
  bool resolving() const { return connector_.resolving(); }
  const BaseUrl& base() const { return base_; }

 private:
  void wipe_credentials();
  boost::asio::awaitable<bool> send_once(std::unique_ptr<Connection> connection, const HttpRequest& request,
                                         ExchangeLimits limits, Exchange* exchange);

  const Clock& clock_;
  const BaseUrl base_;
  const Duration connect_timeout_;
  const std::string user_agent_;
  Credentials credentials_;
  std::optional<boost::asio::ssl::context> tls_;
  std::optional<Tunnel> tunnel_;
  Connector connector_;
  IdleConnections idle_;
  std::uint32_t roots_ = 0;  ///< rises when the trusted roots are read anew
};

}  // namespace bankconnect::upstream
