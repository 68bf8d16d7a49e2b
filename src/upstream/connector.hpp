// New connections to BankConnect: its name looked up, connected to, and its certificate checked.
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
  /// `tls` null: plain HTTP. `patience`: how long a lookup may take, and connecting again, to whichever of
  /// the addresses.
  Connector(boost::asio::io_context& loop, const BaseUrl& base, boost::asio::ssl::context* tls,
            std::chrono::milliseconds patience, LookUp look_up);

  /// A connection that was not used yet, or why there is none; then nothing was sent.
  boost::asio::awaitable<std::variant<std::unique_ptr<Connection>, Fault>> connect(Deadline deadline);

  bool resolving() const { return resolver_.busy(); }

 private:
  Deadline patience_from_now(Deadline at_most) const;
  boost::asio::awaitable<std::optional<Fault>> reach(Connection& connection, Addresses addresses,
                                                     Deadline deadline);

  boost::asio::io_context& loop_;
  const BaseUrl& base_;
  boost::asio::ssl::context* tls_;
  std::chrono::milliseconds patience_;
  Resolver resolver_;
  Address first_;  ///< of those there are, the one to begin with
};

}  // namespace bankconnect::upstream
