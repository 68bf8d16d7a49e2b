#include "src/upstream/connector.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

Fault unsent(Fault fault) {
  fault.may_have_arrived = false;
  return fault;
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
  const Addresses& endpoints = std::get<Addresses>(addresses);
  // Anew: a slow lookup leaves connecting its time.
  const Deadline connect_by = patience_from_now(deadline);
  auto fault = co_await connection->connect(endpoints, connect_by);
  if (fault) {
    resolver_.doubt();
    out = unsent(*fault);
  } else {
    resolver_.trust();
    out = std::move(connection);
  }
  co_return out;
}

}  // namespace bankconnect::upstream
