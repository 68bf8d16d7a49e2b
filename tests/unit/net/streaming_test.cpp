// Answers that go on, readers that do not, and what stopping ends.
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::Request;
using net::Responder;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Streams numbered lines for as long as the reader is there.
net::Handler endless() {
  return [](const Request&, Responder& responder) -> awaitable<void> {
    std::string type = "text/plain";
    co_await responder.begin(200, std::move(type));
    while (responder.connected()) {
      std::string chunk(10'000, 'x');
      co_await responder.write(std::move(chunk));
    }
    co_await responder.end();
  };
}

/// Begins a stream and waits, which it says, until the reader is gone, which it says, too.
net::Handler waiting(std::promise<void>& waits, std::promise<void>& gone) {
  return [&](const Request&, Responder& responder) -> awaitable<void> {
    std::string type = "text/plain";
    co_await responder.begin(200, std::move(type));
    boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, std::chrono::hours(1));
    responder.on_close([&] {
      timer.cancel();
      gone.set_value();
    });
    waits.set_value();
    boost::system::error_code ec;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
    co_await responder.end();
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(streaming)

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_ends_the_stream) {
  RunningServer server(endless());
  {
    Client client(server.path);
    client.send(kGet);
    client.read_until("xxx");
  }
  BOOST_TEST(server.comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_reader_that_stops_reading_is_dropped) {
  RunningServer server(endless());
  Client client(server.path);
  client.send(kGet);
  BOOST_TEST(server.comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_slow_reader_of_a_large_answer_gets_all_of_it) {
  constexpr std::size_t kSize = 6'000'000;
  net::ServerLimits limits = RunningServer::short_limits();
  limits.write_timeout = std::chrono::seconds(1);
  RunningServer server(
      [](const Request&, Responder& responder) -> awaitable<void> {
        std::string body(kSize, 'x');
        std::string type = "text/plain";
        co_await responder.send(200, std::move(type), std::move(body));
      },
      limits);
  Client client(server.path);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  client.read_until("\r\n\r\n");
  std::size_t got = 0;
  // Ten pauses that take longer than the deadline together, and each far less.
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    const std::string part = client.read_until(std::string(400'000, 'x'));
    got += part.size();
  }
  got += client.read_all().size();
  BOOST_TEST(got == kSize);
}

BOOST_AUTO_TEST_CASE(whoever_waits_is_told_when_the_reader_goes_away) {
  std::promise<void> waits;
  std::promise<void> gone;
  RunningServer server(waiting(waits, gone));
  Client client(server.path);
  client.send(kGet);
  client.read_until("\r\n\r\n");
  waits.get_future().wait();
  client.close();
  BOOST_TEST((gone.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready));
  BOOST_TEST(server.comes_to(0));
}

BOOST_AUTO_TEST_CASE(stopping_ends_streams_that_wait_and_idle_connections) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.header_timeout = std::chrono::seconds(30);  // nothing but the stop ends the idle one
  std::promise<void> waits;
  std::promise<void> gone;
  RunningServer server(waiting(waits, gone), limits);
  Client streaming(server.path);
  streaming.send(kGet);
  waits.get_future().wait();
  Client idle(server.path);
  BOOST_REQUIRE(server.comes_to(2));
  server.stop();
  BOOST_TEST(streaming.closed());
  BOOST_TEST(idle.closed());
  BOOST_TEST(server.comes_to(0));
}

BOOST_AUTO_TEST_CASE(stopping_lets_a_request_being_answered_end) {
  std::promise<void> reached;
  RunningServer server([&](const Request&, Responder& responder) -> awaitable<void> {
    boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    reached.set_value();
    boost::asio::steady_timer timer(executor, std::chrono::milliseconds(100));
    co_await timer.async_wait(boost::asio::use_awaitable);
    std::string none;
    std::string body = "done";
    co_await responder.send(200, none, std::move(body));
  });
  Client client(server.path);
  client.send(kGet);
  reached.get_future().wait();
  server.stop();
  BOOST_TEST(client.read_all().ends_with("done"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
