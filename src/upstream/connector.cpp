#include "src/upstream/connector.hpp"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

Fault unsent(Fault fault) {
  fault.may_have_arrived = false;
  return fault;
}

/// Of the time left an equal part for each address left: one that stays silent leaves the others theirs.
Deadline share_of(Deadline deadline, std::size_t addresses) {
  const Deadline now = std::chrono::steady_clock::now();
  return now + (deadline - now) / static_cast<std::int64_t>(addresses);
}

}  // namespace

Connector::Connector(asio::io_context& loop, const BaseUrl& base, asio::ssl::context* tls,
                     std::chrono::milliseconds patience, LookUp look_up)
    : loop_(loop),
      base_(base),
      tls_(tls),
      patience_(patience),
      resolver_(loop, base.host, base.port, std::move(look_up)) {}

Deadline Connector::patience_from_now(Deadline at_most) const {
  return std::min(at_most, std::chrono::steady_clock::now() + patience_);
}

asio::awaitable<std::variant<std::unique_ptr<Connection>, Fault>> Connector::connect(Deadline deadline) {
  std::variant<std::unique_ptr<Connection>, Fault> out;
  const Deadline look_up_by = patience_from_now(deadline);
  auto addresses = co_await resolver_.addresses(look_up_by);
  if (const auto* fault = std::get_if<Fault>(&addresses)) {
    out = unsent(*fault);
    co_return out;
  }
  auto connection = make_connection(loop_, tls_, base_);
  // Anew: a slow lookup leaves connecting its time.
  const Deadline connect_by = patience_from_now(deadline);
  const Addresses& endpoints = std::get<Addresses>(addresses);
  auto fault = co_await reach(*connection, endpoints, connect_by);
  if (fault) {
    resolver_.doubt();
    out = unsent(*fault);
  } else {
    resolver_.trust();
    out = std::move(connection);
  }
  co_return out;
}

/// Whoever answers is spoken to, in all the time that is left. One that does not get through a handshake is
/// believed in less than its neighbour, the next time.
asio::awaitable<std::optional<Fault>> Connector::reach(Connection& connection, Addresses addresses,
                                                       Deadline deadline) {
  std::optional<Fault> fault;
  const auto first = std::ranges::find(addresses, first_);
  if (first != addresses.end()) std::ranges::rotate(addresses, first);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Address& address = addresses[i];
    const Deadline share = share_of(deadline, addresses.size() - i);
    fault = co_await connection.connect(address, share);
    if (fault) continue;
    fault = co_await connection.secure(deadline);
    first_ = addresses[fault ? (i + 1) % addresses.size() : i];
    co_return fault;
  }
  co_return fault;
}

}  // namespace bankconnect::upstream
