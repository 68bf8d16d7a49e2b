// Which connections are evicted at the limit of connections and of body bytes, and which are served.
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::Request;
using net::Response;

net::ServerLimits long_timeouts(std::uint32_t connections) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_connections = connections;
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = std::chrono::seconds(30);
  return limits;
}

/// A handler that responds to no request before `release`.
class HeldRequests {
 public:
  net::Handler handler() {
    return [this](const Request&) -> awaitable<Response> {
      boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
      auto timer = std::make_shared<boost::asio::steady_timer>(executor, std::chrono::hours(1));
      timers_.push_back(timer);
      boost::system::error_code ec;
      co_await timer->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
      Response response = text_response("[done]");
      co_return response;
    };
  }
  /// Waits until `count` requests are held; false when that takes more than five seconds.
  bool reaches(RunningServer& server, std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::size_t seen = 0;
    while (seen != count && std::chrono::steady_clock::now() < end)
      server.on_loop([&] { seen = timers_.size(); });
    return seen == count;
  }
  void release(RunningServer& server) {
    server.on_loop([this] {
      for (const auto& timer : timers_)
        timer->cancel();
      timers_.clear();  // they must not outlive the loop
    });
  }

 private:
  std::vector<std::shared_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(eviction)

BOOST_AUTO_TEST_CASE(a_connection_that_sends_its_body_slowly_is_evicted) {
  RunningServer server(echo(), long_timeouts(1));
  Client slow(server.path);
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na");
  BOOST_REQUIRE(server.reaches_connections(1));
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_just_served_is_evicted_after_one_that_sent_nothing) {
  RunningServer server(echo(), long_timeouts(2));
  Client good(server.path);
  good.send(post("1"));
  BOOST_REQUIRE(good.read_until("]").ends_with("[1]"));
  Client silent(server.path);
  BOOST_REQUIRE(server.reaches_connections(2));
  good.send(post("2"));
  BOOST_REQUIRE(good.read_until("]").ends_with("[2]"));
  Client third(server.path);
  BOOST_TEST(silent.closed());
  good.send(post("3"));
  BOOST_TEST(good.read_until("]").ends_with("[3]"));
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_being_answered_is_not_evicted) {
  HeldRequests held;
  RunningServer server(held.handler(), long_timeouts(1));
  Client first(server.path);
  first.send(post("x"));
  BOOST_REQUIRE(held.reaches(server, 1));
  Client second(server.path);
  second.send(post("x"));
  BOOST_TEST(!second.readable(100));
  BOOST_TEST(server.connections() == 1U);
  held.release(server);
  BOOST_TEST(first.read_until("]").ends_with("[done]"));
  BOOST_REQUIRE(held.reaches(server, 1));
  held.release(server);
  BOOST_TEST(second.read_until("]").ends_with("[done]"));
}

BOOST_AUTO_TEST_CASE(more_clients_than_allowed_connections_are_answered_in_turn) {
  RunningServer server(
      [](const Request&) -> awaitable<Response> {
        boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, std::chrono::milliseconds(100));
        co_await timer.async_wait(boost::asio::use_awaitable);
        Response response = text_response("[done]");
        co_return response;
      },
      long_timeouts(8));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<Client>(server.path));
    clients.back()->send(post("x"));
  }
  for (const auto& client : clients)
    BOOST_TEST(client->read_until("]").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(a_request_that_has_arrived_and_is_not_read_yet_is_not_lost) {
  RunningServer server(echo(), long_timeouts(1));
  Client first(server.path);
  first.send(post("1"));
  BOOST_REQUIRE(first.read_until("]").ends_with("[1]"));
  std::this_thread::sleep_for(3 * net::ServerLimits().eviction_grace);
  std::unique_ptr<Client> second;
  server.on_loop([&] {
    // While the loop is busy, so that the server sees the new connection before the request.
    second = std::make_unique<Client>(server.path);
    second->send(post("other"));
    first.send(post("2"));
  });
  BOOST_TEST(first.read_until("]").ends_with("[2]"));
  BOOST_TEST(second->read_until("]").ends_with("[other]"));
}

BOOST_AUTO_TEST_CASE(no_connection_is_evicted_before_the_grace_period_ends) {
  net::ServerLimits limits = long_timeouts(1);
  limits.eviction_grace = std::chrono::milliseconds(200);
  RunningServer server(echo(), limits);
  const auto begin = std::chrono::steady_clock::now();
  Client silent(server.path);
  BOOST_REQUIRE(server.reaches_connections(1));
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= limits.eviction_grace));
  BOOST_TEST(silent.closed());
}

BOOST_AUTO_TEST_CASE(a_refused_connection_that_stays_open_is_evicted_at_once) {
  RunningServer server(echo(), long_timeouts(2), [](const Request& request) {
    std::optional<net::Rejection> out;
    if (request.method != "POST") out = net::Rejection{404, ErrorCode::no_such_endpoint, "nothing here", {}};
    return out;
  });
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Client>> refused;
  for (int i = 0; i < 12; ++i) {
    refused.push_back(std::make_unique<Client>(server.path));
    refused.back()->send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    BOOST_TEST(refused.back()->read_until("\r\n\r\n").starts_with("HTTP/1.1 404"));
  }
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  // Without other clients each of them lingers for a second.
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(3)));
}

BOOST_AUTO_TEST_CASE(
    a_connection_that_has_sent_nothing_is_evicted_before_an_older_one_that_has_begun_a_request) {
  RunningServer server(echo(), long_timeouts(2));
  Client begun(server.path);
  begun.send("POST / HTTP/1.1\r\nHo");
  BOOST_REQUIRE(server.reaches_connections(1));
  std::this_thread::sleep_for(2 * net::ServerLimits().eviction_grace);
  Client silent(server.path);
  BOOST_REQUIRE(server.reaches_connections(2));
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  BOOST_TEST(silent.closed());
  begun.send("st: x\r\nContent-Length: 1\r\n\r\ny");
  BOOST_TEST(begun.read_until("]").ends_with("[y]"));
}

BOOST_AUTO_TEST_CASE(a_client_that_has_not_read_its_response_for_a_moment_is_not_evicted) {
  net::ServerLimits limits = long_timeouts(1);
  limits.write_timeout = limits.reading_grace = std::chrono::seconds(30);
  limits.max_connections = 3;
  HeldRequests held;
  RunningServer server(
      [&held](const Request& request) -> awaitable<Response> {
        Response response = text_response(std::string(10'000'000, 'x') + "[done]");
        if (request.body == "held") response = co_await held.handler()(request);
        co_return response;
      },
      limits);
  Client first(server.path);
  first.send(post("held"));
  Client second(server.path);
  second.send(post("held"));
  BOOST_REQUIRE(held.reaches(server, 2));
  Client slow(server.path);
  slow.send(post("x"));
  BOOST_REQUIRE(slow.readable(5000));
  Client waiting(server.path);
  waiting.send(post("x"));
  BOOST_TEST(!waiting.readable(200));
  BOOST_TEST(slow.read_until("]").ends_with("[done]"));
  held.release(server);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_its_response_is_evicted_even_while_it_sends) {
  net::ServerLimits limits = long_timeouts(1);
  limits.write_timeout = std::chrono::seconds(30);
  limits.reading_grace = limits.eviction_grace;
  RunningServer server(
      [](const Request& request) -> awaitable<Response> {
        Response response = text_response(std::string(request.method == "GET" ? 10'000'000 : 0, 'x'));
        response.body += "[done]";
        co_return response;
      },
      limits);
  Client unread(server.path);
  unread.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_REQUIRE(unread.readable(5000));
  unread.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[done]"));
}

BOOST_AUTO_TEST_CASE(the_limit_of_connections_is_never_exceeded) {
  RunningServer server(echo(), long_timeouts(3));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(std::make_unique<Client>(server.path));
  clients.back()->send(post("last"));
  BOOST_TEST(clients.back()->read_until("]").ends_with("[last]"));
  BOOST_TEST(server.connections() <= 3U);
}

BOOST_AUTO_TEST_CASE(at_the_limit_of_body_bytes_the_longest_waiting_connection_with_a_body_is_evicted) {
  net::ServerLimits limits = long_timeouts(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client slow(server.path);
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 901\r\n\r\n" + std::string(900, 'a'));
  Client second(server.path);
  // Two requests: with the response to the first, everything sent before has been read.
  second.send(post("x"));
  second.read_until("]");
  second.send(post(std::string(200, 'b')));
  BOOST_TEST(second.read_until("]").ends_with(std::string(200, 'b') + "]"));
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_CASE(a_body_that_exceeds_the_limit_of_body_bytes_alone_is_503) {
  net::ServerLimits limits = long_timeouts(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client client(server.path);
  client.send(post(std::string(1001, 'a')));
  BOOST_TEST(client.read_all().starts_with("HTTP/1.1 503"));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_body_are_released_with_the_response) {
  net::ServerLimits limits = long_timeouts(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client client(server.path);
  for (int i = 0; i < 5; ++i) {
    client.send(post(std::string(900, 'a')));
    BOOST_TEST(client.read_until("]").ends_with("a]"));
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_body_are_released_when_the_client_closes) {
  net::ServerLimits limits = long_timeouts(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  for (int i = 0; i < 3; ++i) {
    {
      Client client(server.path);
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 901\r\n\r\n" + std::string(900, 'a'));
      BOOST_REQUIRE(server.reaches_connections(1));
    }
    BOOST_REQUIRE(server.reaches_connections(0));
  }
  BOOST_TEST(server.exchange(post(std::string(900, 'a')) + "x\r\n").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(a_request_after_a_chunked_one_is_served) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" +
              post("b"));
  BOOST_TEST(client.read_until("]").ends_with("POST /1 [a]"));
  BOOST_TEST(client.read_until("]").ends_with("POST / [b]"));
}

BOOST_AUTO_TEST_CASE(a_hundred_pipelined_requests_are_answered_in_order) {
  RunningServer server(echo());
  Client client(server.path);
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += post(std::to_string(i));
  client.send(all);
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(client.read_until("]").ends_with("[" + std::to_string(i) + "]"));
}

BOOST_AUTO_TEST_CASE(requests_after_connection_close_are_not_served) {
  RunningServer server(echo());
  const std::string answer =
      server.exchange("GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + post("smuggled"));
  BOOST_TEST(answer.ends_with("GET /1 []"), answer);
}

BOOST_AUTO_TEST_CASE(a_request_sent_byte_by_byte_is_served) {
  RunningServer server(echo());
  Client client(server.path);
  for (const char c : post("x"))
    client.send({&c, 1});
  BOOST_TEST(client.read_until("]").ends_with("[x]"));
}

BOOST_AUTO_TEST_CASE(a_request_that_the_header_check_refuses_gets_no_100_continue) {
  RunningServer server(echo(), RunningServer::short_limits(), [](const Request& request) {
    std::optional<net::Rejection> out;
    if (request.values("x-key").size() != 1)
      out = net::Rejection{401, ErrorCode::unauthorized, "no key", {{"X-Why", "key"}}};
    return out;
  });
  Client client(server.path);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const std::string answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 401"), answer);
  BOOST_TEST(answer.find("X-Why: key") != std::string::npos, answer);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_before_its_100_continue_evicts_no_other) {
  RunningServer server(echo(), long_timeouts(10));
  Client slow(server.path);
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
  BOOST_REQUIRE(server.reaches_connections(1));
  server.on_loop([&] {
    Client gone(server.path);
    gone.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  });
  Client later(server.path);
  later.send(post("x"));
  BOOST_REQUIRE(later.read_until("]").ends_with("[x]"));
  slow.send("b");
  BOOST_TEST(slow.read_until("]").ends_with("[ab]"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
