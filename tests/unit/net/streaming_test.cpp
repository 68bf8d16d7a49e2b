// Streamed and large responses: clients that close or do not read, and what stopping the server closes.
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::BodyStream;
using net::Request;
using net::Response;

using Stream = std::function<awaitable<void>(BodyStream&)>;

/// Responds to every request with this stream.
net::Handler streams(Stream stream, bool unbounded = false) {
  return [stream = std::move(stream), unbounded](const Request&) -> awaitable<Response> {
    Response response = text_response("");
    response.stream = stream;
    response.unbounded_stream = unbounded;
    co_return response;
  };
}

/// Writes for as long as the client is connected.
awaitable<void> write_forever(BodyStream& stream) {
  const std::string chunk(10'000, 'x');
  while (stream.connected()) {
    std::string copy = chunk;
    co_await stream.write(std::move(copy));
  }
}

/// Waits for an hour, or until `cancel` is set and called.
awaitable<void> wait_long(std::function<void()>& cancel) {
  boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto timer = std::make_shared<boost::asio::steady_timer>(executor, std::chrono::hours(1));
  boost::system::error_code ec;
  cancel = [timer] { timer->cancel(); };
  co_await timer->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
}

/// A stream that sets `waits` and then waits until the connection is closed, upon which it sets `gone`.
Stream wait_for_close(std::promise<void>& waits, std::promise<void>& gone) {
  return [&](BodyStream& stream) -> awaitable<void> {
    std::function<void()> cancel;
    stream.on_close([&] {
      cancel();
      gone.set_value();
    });
    waits.set_value();
    co_await wait_long(cancel);
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(streaming)

BOOST_AUTO_TEST_CASE(a_stream_ends_when_the_client_closes) {
  RunningServer server(streams(write_forever));
  {
    Client client(server.path);
    client.send(kGet);
    client.read_until("xxx");
  }
  BOOST_TEST(server.reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(a_client_that_stops_reading_times_out) {
  RunningServer server(streams(write_forever));
  Client client(server.path);
  client.send(kGet);
  BOOST_TEST(server.reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(a_client_that_reads_slowly_gets_all_of_a_large_response) {
  constexpr std::size_t kSize = 6'000'000;
  net::ServerLimits limits = RunningServer::short_limits();
  limits.write_timeout = std::chrono::seconds(1);
  RunningServer server(
      [](const Request&) -> awaitable<Response> {
        Response response = text_response(std::string(kSize, 'x'));
        co_return response;
      },
      limits);
  Client client(server.path);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  client.read_until("\r\n\r\n");
  std::size_t got = 0;
  // Ten pauses: each is far shorter than the deadline, together they are longer.
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    const std::string part = client.read_until(std::string(400'000, 'x'));
    got += part.size();
  }
  got += client.read_all().size();
  BOOST_TEST(got == kSize);
}

BOOST_AUTO_TEST_CASE(on_close_is_called_when_the_client_closes) {
  std::promise<void> waits;
  std::promise<void> gone;
  RunningServer server(streams(wait_for_close(waits, gone)));
  Client client(server.path);
  client.send(kGet);
  client.read_until("\r\n\r\n");
  waits.get_future().wait();
  client.close();
  BOOST_TEST((gone.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready));
  BOOST_TEST(server.reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(stopping_closes_streams_that_wait_and_idle_connections) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.header_timeout = std::chrono::seconds(30);  // so that only stop() closes the idle one
  std::promise<void> waits;
  std::promise<void> gone;
  RunningServer server(streams(wait_for_close(waits, gone)), limits);
  Client streaming(server.path);
  streaming.send(kGet);
  waits.get_future().wait();
  Client idle(server.path);
  BOOST_REQUIRE(server.reaches_connections(2));
  server.stop();
  BOOST_TEST(streaming.closed());
  BOOST_TEST(idle.closed());
  BOOST_TEST(server.reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(stopping_lets_a_request_that_is_being_answered_complete) {
  std::promise<void> reached;
  RunningServer server([&](const Request&) -> awaitable<Response> {
    boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    reached.set_value();
    boost::asio::steady_timer timer(executor, std::chrono::milliseconds(100));
    co_await timer.async_wait(boost::asio::use_awaitable);
    Response response = text_response("done");
    co_return response;
  });
  Client client(server.path);
  client.send(kGet);
  reached.get_future().wait();
  server.stop();
  BOOST_TEST(client.read_all().ends_with("done"));
}

BOOST_AUTO_TEST_CASE(stopping_lets_a_request_that_has_begun_to_arrive_complete) {
  for (const bool header_arrived : {false, true}) {
    net::ServerLimits limits = RunningServer::short_limits();
    limits.header_timeout = limits.body_timeout = std::chrono::seconds(30);
    RunningServer server(echo(), limits);
    const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
    const std::size_t cut = request.size() - (header_arrived ? 1 : 10);
    Client client(server.path);
    client.send(request.substr(0, cut));
    BOOST_REQUIRE(client.sent_is_read());
    BOOST_REQUIRE(server.connections() == 1U);  // and the connection has seen what was read
    server.stop();
    client.send(request.substr(cut));
    const std::string response = client.read_all();
    BOOST_TEST(response.ends_with("POST / [x]"), response);
    BOOST_TEST(response.find("Connection: close") != std::string::npos, response);
  }
}

BOOST_AUTO_TEST_CASE(on_close_is_called_also_when_the_connection_is_closed_already) {
  std::promise<void> waits;
  std::promise<void> gone;
  const Stream wait = wait_for_close(waits, gone);
  RunningServer server(streams([wait](BodyStream& stream) -> awaitable<void> {
    const Stream then = wait;
    co_await write_forever(stream);
    co_await then(stream);
  }));
  Client client(server.path);
  client.send(kGet);
  client.read_until("xxx");
  client.close();
  waits.get_future().wait();
  BOOST_TEST((gone.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(input_during_a_stream_is_dropped_and_the_connection_ends_with_the_stream) {
  std::promise<void> waits;
  std::function<void()> finish;
  RunningServer server(streams([&](BodyStream& stream) -> awaitable<void> {
    std::string chunk = "last";
    stream.on_close([] {});
    waits.set_value();
    co_await wait_long(finish);
    co_await stream.write(std::move(chunk));
  }));
  Client client(server.path);
  client.send(kGet);
  waits.get_future().wait();
  client.send(kGet);
  BOOST_REQUIRE(client.sent_is_read());
  server.on_loop([&] { std::exchange(finish, nullptr)(); });  // its timer must not outlive the loop
  const std::string response = client.read_all();
  BOOST_TEST(response.ends_with("4\r\nlast\r\n0\r\n\r\n"), response);
  BOOST_TEST(response.find("HTTP/1.1", 1) == std::string::npos, response);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_stream_for_head_has_no_body_and_the_next_request_is_served) {
  RunningServer server(streams(write_forever));
  Client client(server.path);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + kGet);
  const std::string header = client.read_until("\r\n\r\n");
  BOOST_TEST(header.find("Transfer-Encoding: chunked") != std::string::npos, header);
  BOOST_TEST(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  BOOST_TEST(client.read_exactly(6) == "2710\r\n");
}

BOOST_AUTO_TEST_CASE(half_of_the_connections_can_carry_an_unbounded_stream_and_the_next_is_503) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_connections = 4;
  const Stream wait_until_closed = [](BodyStream& stream) -> awaitable<void> {
    std::function<void()> cancel;
    stream.on_close([&] { cancel(); });
    co_await wait_long(cancel);
  };
  RunningServer server(streams(wait_until_closed, true), limits);
  std::vector<std::unique_ptr<Client>> open;
  for (int i = 0; i < 2; ++i) {
    open.push_back(std::make_unique<Client>(server.path));
    open.back()->send(kGet);
    BOOST_TEST(open.back()->read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  }
  const std::string refusal = server.exchange(kGet);
  BOOST_TEST(refusal.starts_with("HTTP/1.1 503"), refusal);
  BOOST_TEST(refusal.find("OVERLOADED") != std::string::npos, refusal);
  open.pop_back();
  BOOST_REQUIRE(server.reaches_connections(1));
  Client next(server.path);
  next.send(kGet);
  BOOST_TEST(next.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(what_a_response_holds_is_released_when_the_response_was_written) {
  std::promise<void> released;
  auto released_future = released.get_future();
  net::ServerLimits limits = RunningServer::short_limits();
  limits.write_timeout = std::chrono::seconds(30);
  RunningServer server(
      [&](const Request&) -> awaitable<Response> {
        Response response = text_response(std::string(6'000'000, 'x') + "]");
        response.held = std::shared_ptr<void>(&released, [&](void*) { released.set_value(); });
        co_return response;
      },
      limits);
  Client client(server.path);
  client.send(kGet);
  BOOST_REQUIRE(client.readable(5000));
  BOOST_TEST((released_future.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout));
  BOOST_TEST(client.read_until("]").ends_with("x]"));
  BOOST_TEST((released_future.wait_for(std::chrono::seconds(5)) == std::future_status::ready));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
