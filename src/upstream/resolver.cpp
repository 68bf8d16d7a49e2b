#include "src/upstream/resolver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kFresh = std::chrono::seconds(30);
constexpr auto kUsable = std::chrono::hours(1);
}  // namespace

Resolver::Resolver(asio::io_context& loop, std::string host, std::string port)
    : loop_(loop), resolver_(loop), host_(std::move(host)), port_(std::move(port)) {
  const auto port_number = static_cast<std::uint16_t>(std::stoi(port_));
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(host_, ec);
  if (!ec) {
    known_.emplace_back(address, port_number);
  } else if (host_ == "localhost") {
    // http is allowed to it because it is this machine: no name server is asked whether it is.
    known_.emplace_back(asio::ip::address_v4::loopback(), port_number);
    known_.emplace_back(asio::ip::address_v6::loopback(), port_number);
  }
  if (!known_.empty()) known_since_ = Deadline::max();
}

void Resolver::begin() {
  busy_ = true;
  resolver_.async_resolve(host_, port_, [this](boost::system::error_code ec, const auto& results) {
    busy_ = false;
    last_error_ = ec ? ec.message() : "";
    if (!ec) {
      known_.clear();
      for (const auto& result : results)
        known_.push_back(result.endpoint());
      known_since_ = std::chrono::steady_clock::now();
    }
    for (asio::steady_timer* waiting : waiting_)
      waiting->cancel();
  });
}

asio::awaitable<std::variant<Addresses, Fault>> Resolver::addresses(Deadline deadline) {
  std::variant<Addresses, Fault> out;
  const auto now = std::chrono::steady_clock::now();
  const bool fresh = !known_.empty() && (known_since_ == Deadline::max() || now - known_since_ < kFresh);
  if (!fresh) {
    if (!busy_) begin();
    asio::steady_timer patience(loop_, deadline);
    waiting_.push_back(&patience);
    auto waited = co_await patience.async_wait(kTuple);
    static_cast<void>(waited);
    std::erase(waiting_, &patience);
  }
  const bool usable = !known_.empty() && (known_since_ == Deadline::max() || now - known_since_ < kUsable);
  if (usable) {
    out = known_;
  } else if (busy_) {
    out = Fault{"TIMEOUT", "looking up " + host_ + " took too long"};
  } else {
    out = Fault{"DNS_FAILED", "looking up " + host_ + ": " + last_error_};
  }
  co_return out;
}

}  // namespace bankconnect::upstream
