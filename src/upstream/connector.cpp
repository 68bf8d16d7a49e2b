#include "src/upstream/connector.hpp"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

TransportError unsent(TransportError fault) {
  fault.may_have_arrived = false;
  return fault;
}

/// An equal part of the time left for each address left, so that a silent one leaves time for the others.
Deadline share_of(Deadline deadline, std::size_t addresses) {
  const Deadline now = std::chrono::steady_clock::now();
  return now + (deadline - now) / static_cast<std::int64_t>(addresses);
}

/// Where connections lead to.
const BaseUrl& first_hop(const BaseUrl& base, const Tunnel* tunnel) {
  return tunnel != nullptr ? tunnel->proxy : base;
}

}  // namespace

Connector::Connector(asio::io_context& loop, const BaseUrl& base, asio::ssl::context* tls,
                     const Tunnel* tunnel, std::chrono::milliseconds timeout, LookUp look_up)
    : loop_(loop),
      base_(base),
      tls_(tls),
      tunnel_(tunnel),
      timeout_(timeout),
      resolver_(loop, first_hop(base, tunnel).host, first_hop(base, tunnel).port, std::move(look_up)) {}

Deadline Connector::deadline_from_now(Deadline at_most) const {
  return std::min(at_most, std::chrono::steady_clock::now() + timeout_);
}

asio::awaitable<std::variant<std::unique_ptr<Connection>, TransportError>> Connector::connect(
    Deadline deadline) {
  std::variant<std::unique_ptr<Connection>, TransportError> out;
  const Deadline look_up_by = deadline_from_now(deadline);
  auto addresses = co_await resolver_.addresses(look_up_by);
  if (const auto* fault = std::get_if<TransportError>(&addresses)) {
    out = unsent(*fault);
    co_return out;
  }
  auto connection = make_connection(loop_, tls_, base_, tunnel_);
  // Counted anew: a slow look-up does not shorten it.
  const Deadline connect_by = deadline_from_now(deadline);
  const Addresses& endpoints = std::get<Addresses>(addresses);
  auto fault = co_await connect_any(*connection, endpoints, connect_by);
  if (fault) {
    resolver_.mark_suspect();
    out = unsent(*fault);
  } else {
    resolver_.confirm();
    out = std::move(connection);
  }
  co_return out;
}

/// The first address that accepts a connection gets all the time left for the handshake. When the handshake
/// fails, the next attempt begins with the address after it.
asio::awaitable<std::optional<TransportError>> Connector::connect_any(Connection& connection,
                                                                      Addresses addresses,
                                                                      Deadline deadline) {
  std::optional<TransportError> fault;
  const auto first = std::ranges::find(addresses, first_);
  if (first != addresses.end()) std::rotate(addresses.begin(), first, addresses.end());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Address& address = addresses[i];
    const Deadline share = share_of(deadline, addresses.size() - i);
    fault = co_await connection.connect(address, share);
    if (fault) continue;
    fault = co_await connection.handshake(deadline);
    first_ = addresses[fault ? (i + 1) % addresses.size() : i];
    co_return fault;
  }
  co_return fault;
}

}  // namespace bankconnect::upstream
