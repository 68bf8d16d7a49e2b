#include "src/upstream/resolver.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "bankconnect/await_callback.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

constexpr auto kFresh = std::chrono::seconds(30);
constexpr auto kUsable = std::chrono::hours(1);
constexpr auto kBetweenRefreshes = std::chrono::seconds(1);
constexpr auto kRefreshWait = std::chrono::milliseconds(500);

/// The addresses that are known without a look-up.
Addresses literal_addresses(const std::string& host, const std::string& port) {
  const auto number = static_cast<std::uint16_t>(std::stoi(port));
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (!ec) return {{address, number}};
  // http is allowed to it because it is this machine: no name server is asked whether it is.
  if (host == "localhost")
    return {{asio::ip::address_v4::loopback(), number}, {asio::ip::address_v6::loopback(), number}};
  return {};
}

}  // namespace

LookUp system_look_up(asio::io_context& loop, const std::string& host, const std::string& port) {
  auto resolver = std::make_shared<asio::ip::tcp::resolver>(loop);
  return [resolver, host, port](std::function<void(boost::system::error_code, Addresses)> done) {
    resolver->async_resolve(host, port,
                            [done = std::move(done)](boost::system::error_code ec, const auto& results) {
                              Addresses addresses;
                              for (const auto& result : results)
                                addresses.push_back(result.endpoint());
                              done(ec, std::move(addresses));
                            });
  };
}

Resolver::Resolver(asio::io_context& loop, std::string host, const std::string& port, LookUp look_up,
                   std::function<Deadline()> now)
    : loop_(loop),
      host_(std::move(host)),
      look_up_(std::move(look_up)),
      now_(std::move(now)),
      known_(literal_addresses(host_, port)) {
  fixed_ = !known_.empty();
}

bool Resolver::usable() const {
  return fixed_ || (!known_.empty() && now_() - known_since_ < kUsable);
}

void Resolver::begin() {
  busy_ = true;
  next_refresh_ = now_() + kBetweenRefreshes;
  look_up_([weak = std::weak_ptr(self_)](boost::system::error_code ec, Addresses addresses) {
    if (const auto self = weak.lock()) (*self)->found(ec, std::move(addresses));
  });
}

void Resolver::found(boost::system::error_code ec, Addresses addresses) {
  busy_ = false;
  last_error_ = ec ? ec.message() : "it has no address";
  if (!ec && !addresses.empty()) {
    known_ = std::move(addresses);
    known_since_ = now_();
    suspect_ = false;
  }
  for (asio::steady_timer* waiting : waiting_)
    waiting->cancel();
}

void Resolver::refresh() {
  if (!fixed_ && !busy_ && now_() >= next_refresh_) begin();
}

asio::awaitable<void> Resolver::wait(Deadline deadline) {
  asio::steady_timer timer(loop_, deadline);
  waiting_.push_back(&timer);
  auto waited = co_await timer.async_wait(kAsTuple);
  static_cast<void>(waited);
  std::erase(waiting_, &timer);
}

asio::awaitable<std::variant<Addresses, TransportError>> Resolver::addresses(Deadline deadline) {
  std::variant<Addresses, TransportError> out;
  if (usable()) {
    if (suspect_ || now_() - known_since_ >= kFresh) refresh();
    if (suspect_ && busy_) {
      const Deadline soon = std::min(deadline, std::chrono::steady_clock::now() + kRefreshWait);
      co_await wait(soon);
    }
    out = known_;
    co_return out;
  }
  if (!busy_) begin();
  co_await wait(deadline);
  if (usable()) {
    out = known_;
  } else if (busy_) {
    out = TransportError{"TIMEOUT", "looking up " + host_ + " took too long"};
  } else {
    out = TransportError{"DNS_FAILED", "looking up " + host_ + ": " + last_error_};
  }
  co_return out;
}

}  // namespace bankconnect::upstream
