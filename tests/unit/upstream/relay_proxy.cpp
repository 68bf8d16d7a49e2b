#include "tests/unit/upstream/relay_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>

namespace bankconnect::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
const std::string kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Until one of them is closed.
template <class From, class To>
asio::awaitable<void> copy(std::shared_ptr<From> from, std::shared_ptr<To> to) {
  std::vector<char> bytes(16384);
  for (;;) {
    auto read = co_await from->async_read_some(asio::buffer(bytes), kAsTuple);
    if (std::get<0>(read)) break;
    auto written = co_await asio::async_write(*to, asio::buffer(bytes.data(), std::get<1>(read)), kAsTuple);
    if (std::get<0>(written)) break;
  }
  boost::system::error_code ignored;
  to->lowest_layer().close(ignored);
}

template <class Client>
asio::awaitable<void> relay(asio::io_context& loop, std::shared_ptr<Client> client,
                            std::vector<std::string>& requests) {
  std::string head;
  auto read = co_await asio::async_read_until(*client, asio::dynamic_buffer(head), "\r\n\r\n", kAsTuple);
  if (std::get<0>(read)) co_return;
  requests.push_back(head);
  const std::string target = head.substr(8, head.find(' ', 8) - 8);
  const auto port = static_cast<unsigned short>(std::stoi(target.substr(target.rfind(':') + 1)));
  auto server = std::make_shared<tcp::socket>(loop);
  const tcp::endpoint address(asio::ip::address_v4::loopback(), port);
  auto connected = co_await server->async_connect(address, kAsTuple);
  if (std::get<0>(connected)) co_return;
  auto written = co_await asio::async_write(*client, asio::buffer(kEstablished), kAsTuple);
  if (std::get<0>(written)) co_return;
  asio::co_spawn(loop, copy(client, server), asio::detached);
  co_await copy(server, client);
}

asio::awaitable<void> serve(asio::io_context& loop, tcp::socket socket, asio::ssl::context* tls,
                            std::vector<std::string>& requests) {
  if (tls == nullptr) {
    co_await relay(loop, std::make_shared<tcp::socket>(std::move(socket)), requests);
    co_return;
  }
  auto client = std::make_shared<asio::ssl::stream<tcp::socket>>(std::move(socket), *tls);
  auto shaken = co_await client->async_handshake(asio::ssl::stream_base::server, kAsTuple);
  if (std::get<0>(shaken)) co_return;
  co_await relay(loop, client, requests);
}

}  // namespace

RelayProxy::RelayProxy(asio::io_context& loop, asio::ssl::context* tls)
    : loop_(loop), acceptor_(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), tls_(tls) {
  accept();
}

void RelayProxy::accept() {
  acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket socket) {
    if (ec) return;
    asio::co_spawn(loop_, serve(loop_, std::move(socket), tls_, requests), asio::detached);
    accept();
  });
}

}  // namespace bankconnect::test
