// Many at once: who is served, who makes room, and what bodies may cost together.
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::Request;
using net::Responder;

net::ServerLimits patient(std::uint32_t connections) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_connections = connections;
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = std::chrono::seconds(30);
  return limits;
}

std::string post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Answers once it is told to, and until then lets requests wait.
class Held {
 public:
  net::Handler handler() {
    return [this](const Request&, Responder& responder) -> awaitable<void> {
      boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
      auto timer = std::make_shared<boost::asio::steady_timer>(executor, std::chrono::hours(1));
      timers_.push_back(timer);
      boost::system::error_code ec;
      co_await timer->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
      std::string none;
      std::string body = "[done]";
      co_await responder.send(200, none, std::move(body));
    };
  }
  bool comes_to(RunningServer& server, std::size_t count) {
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
      timers_.clear();  // none outlives the loop
    });
  }

 private:
  std::vector<std::shared_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(crowding)

BOOST_AUTO_TEST_CASE(a_body_that_trickles_makes_room) {
  RunningServer server(echo(), patient(1));
  Client slow(server.path);
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na");
  BOOST_REQUIRE(server.comes_to(1));
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_just_served_waits_behind_one_that_never_asked) {
  RunningServer server(echo(), patient(2));
  Client good(server.path);
  good.send(post("1"));
  BOOST_REQUIRE(good.read_until("]").ends_with("[1]"));
  Client silent(server.path);
  BOOST_REQUIRE(server.comes_to(2));
  good.send(post("2"));
  BOOST_REQUIRE(good.read_until("]").ends_with("[2]"));
  Client third(server.path);
  BOOST_TEST(silent.closed());
  good.send(post("3"));
  BOOST_TEST(good.read_until("]").ends_with("[3]"));
}

BOOST_AUTO_TEST_CASE(who_is_being_answered_does_not_make_room) {
  Held held;
  RunningServer server(held.handler(), patient(1));
  Client first(server.path);
  first.send(post("x"));
  BOOST_REQUIRE(held.comes_to(server, 1));
  Client second(server.path);
  second.send(post("x"));
  BOOST_TEST(!second.readable(100));
  BOOST_TEST(server.connections() == 1U);
  held.release(server);
  BOOST_TEST(first.read_until("]").ends_with("[done]"));
  BOOST_REQUIRE(held.comes_to(server, 1));
  held.release(server);
  BOOST_TEST(second.read_until("]").ends_with("[done]"));
}

BOOST_AUTO_TEST_CASE(a_burst_of_more_than_may_be_is_answered_in_turn) {
  RunningServer server(
      [](const Request&, Responder& responder) -> awaitable<void> {
        boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, std::chrono::milliseconds(100));
        co_await timer.async_wait(boost::asio::use_awaitable);
        std::string none;
        std::string body = "[done]";
        co_await responder.send(200, none, std::move(body));
      },
      patient(8));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<Client>(server.path));
    clients.back()->send(post("x"));
  }
  for (const auto& client : clients)
    BOOST_TEST(client->read_until("]").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(a_request_that_has_come_and_was_not_read_yet_is_not_lost) {
  RunningServer server(echo(), patient(1));
  Client first(server.path);
  first.send(post("1"));
  BOOST_REQUIRE(first.read_until("]").ends_with("[1]"));
  std::this_thread::sleep_for(3 * net::ServerLimits().fair_chance);
  std::unique_ptr<Client> second;
  server.on_loop([&] {
    // Behind the server's back: it sees the new connection first.
    second = std::make_unique<Client>(server.path);
    second->send(post("other"));
    first.send(post("2"));
  });
  BOOST_TEST(first.read_until("]").ends_with("[2]"));
  BOOST_TEST(second->read_until("]").ends_with("[other]"));
}

BOOST_AUTO_TEST_CASE(everybody_gets_a_fair_chance_before_making_room) {
  net::ServerLimits limits = patient(1);
  limits.fair_chance = std::chrono::milliseconds(200);
  RunningServer server(echo(), limits);
  const auto begin = std::chrono::steady_clock::now();
  Client silent(server.path);
  BOOST_REQUIRE(server.comes_to(1));
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[x]"));
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= limits.fair_chance));
  BOOST_TEST(silent.closed());
}

BOOST_AUTO_TEST_CASE(who_was_refused_and_stays_makes_room_at_once) {
  RunningServer server(echo(), patient(2), [](const Request& request) {
    std::optional<net::Rejection> out;
    if (request.method != "POST") out = net::Rejection{404, "NO_SUCH_ENDPOINT", "nothing here", {}};
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
  // Each of them may stay for a second where nobody else comes.
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(3)));
}

BOOST_AUTO_TEST_CASE(who_does_not_read_an_answer_makes_room_whatever_it_sends) {
  net::ServerLimits limits = patient(1);
  limits.write_timeout = std::chrono::seconds(30);
  RunningServer server(
      [](const Request& request, Responder& responder) -> awaitable<void> {
        std::string none;
        std::string body(request.method == "GET" ? 10'000'000 : 0, 'x');
        body += "[done]";
        co_await responder.send(200, none, std::move(body));
      },
      limits);
  Client deaf(server.path);
  deaf.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_REQUIRE(deaf.readable(5000));
  deaf.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  Client good(server.path);
  good.send(post("x"));
  BOOST_TEST(good.read_until("]").ends_with("[done]"));
}

BOOST_AUTO_TEST_CASE(there_are_never_more_connections_than_allowed) {
  RunningServer server(echo(), patient(3));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(std::make_unique<Client>(server.path));
  clients.back()->send(post("last"));
  BOOST_TEST(clients.back()->read_until("]").ends_with("[last]"));
  BOOST_TEST(server.connections() <= 3U);
}

BOOST_AUTO_TEST_CASE(of_bodies_too_large_together_the_one_waited_for_longest_makes_room) {
  net::ServerLimits limits = patient(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client slow(server.path);
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 901\r\n\r\n" + std::string(900, 'a'));
  Client second(server.path);
  // Two requests: by the answer to the first, what came before has been read.
  second.send(post("x"));
  second.read_until("]");
  second.send(post(std::string(200, 'b')));
  BOOST_TEST(second.read_until("]").ends_with(std::string(200, 'b') + "]"));
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_CASE(a_body_that_alone_is_larger_than_all_may_be_is_503) {
  net::ServerLimits limits = patient(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client client(server.path);
  client.send(post(std::string(1001, 'a')));
  BOOST_TEST(client.read_all().starts_with("HTTP/1.1 503"));
}

BOOST_AUTO_TEST_CASE(what_a_body_held_is_free_again_when_it_is_answered) {
  net::ServerLimits limits = patient(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  Client client(server.path);
  for (int i = 0; i < 5; ++i) {
    client.send(post(std::string(900, 'a')));
    BOOST_TEST(client.read_until("]").ends_with("a]"));
  }
}

BOOST_AUTO_TEST_CASE(what_a_body_held_is_free_again_when_its_sender_goes_away) {
  net::ServerLimits limits = patient(10);
  limits.max_bodies = 1000;
  RunningServer server(echo(), limits);
  for (int i = 0; i < 3; ++i) {
    {
      Client client(server.path);
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 901\r\n\r\n" + std::string(900, 'a'));
      BOOST_REQUIRE(server.comes_to(1));
    }
    BOOST_REQUIRE(server.comes_to(0));
  }
  BOOST_TEST(server.exchange(post(std::string(900, 'a')) + "x\r\n").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(a_request_behind_a_chunked_one_is_served) {
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

BOOST_AUTO_TEST_CASE(what_follows_a_request_to_close_is_not_served) {
  RunningServer server(echo());
  const std::string answer =
      server.exchange("GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + post("smuggled"));
  BOOST_TEST(answer.ends_with("GET /1 []"), answer);
}

BOOST_AUTO_TEST_CASE(a_header_may_come_byte_by_byte) {
  RunningServer server(echo());
  Client client(server.path);
  for (const char c : post("x"))
    client.send({&c, 1});
  BOOST_TEST(client.read_until("]").ends_with("[x]"));
}

BOOST_AUTO_TEST_CASE(what_a_header_check_refuses_costs_no_body) {
  RunningServer server(echo(), RunningServer::short_limits(), [](const Request& request) {
    std::optional<net::Rejection> out;
    if (request.values("x-key").size() != 1)
      out = net::Rejection{401, "UNAUTHORIZED", "no key", {{"X-Why", "key"}}};
    return out;
  });
  Client client(server.path);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const std::string answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 401"), answer);
  BOOST_TEST(answer.find("X-Why: key") != std::string::npos, answer);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
