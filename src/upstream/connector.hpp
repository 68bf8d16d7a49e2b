// New connections to BankConnect: name look-up, connecting, TLS handshake.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <variant>

#include "src/upstream/connection.hpp"
#include "src/upstream/resolver.hpp"

namespace bankconnect::upstream {

class Connector {
 public:
  /// `tls` null: plain HTTP. `tunnel` null: no proxy, else `look_up` is about the proxy. `timeout`: for a
  /// look-up, and again for connecting to one of the addresses.
  Connector(boost::asio::io_context& loop, const BaseUrl& base, boost::asio::ssl::context* tls,
            const Tunnel* tunnel, std::chrono::milliseconds timeout, LookUp look_up);

  /// A new connection, or why there is none; then nothing was sent.
  boost::asio::awaitable<std::variant<std::unique_ptr<Connection>, TransportError>> connect(
      Deadline deadline);

  bool resolving() const { return resolver_.busy(); }

 private:
  Deadline deadline_from_now(Deadline at_most) const;
  boost::asio::awaitable<std::optional<TransportError>> connect_any(Connection& connection,
                                                                    Addresses addresses, Deadline deadline);

  boost::asio::io_context& loop_;
  const BaseUrl& base_;
  boost::asio::ssl::context* tls_;
  const Tunnel* tunnel_;
  std::chrono::milliseconds timeout_;
  Resolver resolver_;
  Address first_;  ///< the address to try first
};

}  // namespace bankconnect::upstream
