// Requests, responses, limits and deadlines.
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::Request;
using net::Response;

const std::string kGetWithQuery = "GET /a%20b?x=1%262&y HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(the_handler_gets_a_decoded_request) {
  Request seen;
  RunningServer server([&](const Request& request) -> awaitable<Response> {
    Response response = empty_response(204);
    seen = request;
    co_return response;
  });
  server.exchange(
      "POST /a%20b?x=1%262&y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Content-Type: Application/JSON ; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  BOOST_TEST(seen.method == "POST");
  BOOST_TEST(seen.path == "/a b");
  BOOST_TEST(seen.parameter("x").value() == "1&2");
  BOOST_TEST(seen.parameter("y").value().empty());
  BOOST_TEST(!seen.parameter("z").has_value());
  BOOST_TEST(seen.content_type == "application/json");
  BOOST_TEST(seen.body == "abcde");
  BOOST_TEST(seen.peer_uid == static_cast<std::int64_t>(::getuid()));
}

BOOST_AUTO_TEST_CASE(a_connection_serves_several_requests) {
  RunningServer server(echo());
  Client client(server.path);
  for (int i = 0; i < 3; ++i) {
    client.send(post(std::to_string(i)));
    BOOST_TEST(client.read_until("]").ends_with("[" + std::to_string(i) + "]"));
  }
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_order) {
  RunningServer server(echo());
  Client client(server.path);
  client.send(post("one") + post("two") + post("three"));
  for (const char* body : {"[one]", "[two]", "[three]"})
    BOOST_TEST(client.read_until("]").ends_with(body));
}

BOOST_AUTO_TEST_CASE(a_response_to_head_has_the_length_and_no_body) {
  RunningServer server(echo());
  const std::string answer = server.exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  BOOST_TEST(answer.find("Content-Length: 9\r\n") != std::string::npos, answer);
  BOOST_TEST(answer.ends_with("\r\n\r\n"), answer);
}

BOOST_AUTO_TEST_CASE(a_stream_for_http_1_0_ends_with_the_connection) {
  RunningServer server([](const Request&) -> awaitable<Response> {
    Response response = text_response("");
    response.stream = [](net::BodyStream& stream) -> awaitable<void> {
      std::string chunk = "plain";
      co_await stream.write(std::move(chunk));
    };
    co_return response;
  });
  const std::string answer = server.exchange("GET / HTTP/1.0\r\n\r\n");
  BOOST_TEST(answer.ends_with("\r\n\r\nplain"), answer);
  BOOST_TEST(answer.find("chunked") == std::string::npos, answer);
}

BOOST_AUTO_TEST_CASE(the_connection_is_closed_after_an_error_status) {
  RunningServer server([](const Request&) -> awaitable<Response> {
    Response response = empty_response(404);
    co_return response;
  });
  Client client(server.path);
  client.send(kGetWithQuery + kGetWithQuery);
  const std::string answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 404"));
  BOOST_TEST(answer.find("HTTP/1.1", 1) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_header_that_is_too_large_is_431_and_a_target_414) {
  RunningServer server(echo());
  BOOST_TEST(server.exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(3000, 'a') + "\r\n\r\n")
                 .starts_with("HTTP/1.1 431"));
  BOOST_TEST(server.exchange("GET /" + std::string(100'000, 'a')).starts_with("HTTP/1.1 414"));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_too_large_is_413_with_a_length_or_chunked) {
  RunningServer server(echo());
  BOOST_TEST(server.exchange(post(std::string(10'001, 'a'))).starts_with("HTTP/1.1 413"));
  BOOST_TEST(server.exchange(post(std::string(3'000'000, 'a'))).starts_with("HTTP/1.1 413"));
  BOOST_TEST(server
                 .exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2711\r\n" +
                           std::string(10'001, 'a') + "\r\n0\r\n\r\n")
                 .starts_with("HTTP/1.1 413"));
}

BOOST_AUTO_TEST_CASE(a_body_of_the_largest_allowed_size_is_accepted) {
  RunningServer server(echo());
  BOOST_TEST(
      server.exchange(post(std::string(10'000, 'a'), "Connection: close\r\n")).starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(a_client_that_expects_100_continue_gets_it) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 100"));
  client.send("ok");
  BOOST_TEST(client.read_until("]").ends_with("[ok]"));
}

BOOST_AUTO_TEST_CASE(a_client_that_expects_100_continue_for_a_body_that_is_too_large_gets_413) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 413"));
}

BOOST_AUTO_TEST_CASE(an_incomplete_header_times_out) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("GET / HTTP/1.1\r\nHo");
  BOOST_TEST(client.read_all().empty());
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(an_incomplete_body_times_out) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  BOOST_TEST(client.read_all().empty());
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_without_a_response) {
  RunningServer server(echo());
  Client client(server.path);
  client.send(post("x"));
  client.read_until("]");
  BOOST_TEST(client.read_all().empty());
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_in_mid_request_leaves_no_connection) {
  RunningServer server(echo());
  for (const char* part : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na"}) {
    Client client(server.path);
    client.send(part);
  }
  BOOST_TEST(server.reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(the_connection_that_has_waited_longest_is_evicted) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_connections = 2;
  limits.header_timeout = std::chrono::seconds(30);
  RunningServer server(echo(), limits);
  Client first(server.path);
  BOOST_REQUIRE(server.reaches_connections(1));
  Client second(server.path);
  BOOST_REQUIRE(server.reaches_connections(2));
  Client third(server.path);
  BOOST_TEST(first.closed());
  for (Client* client : {&second, &third}) {
    client->send(post("x"));
    BOOST_TEST(client->read_until("]").ends_with("[x]"));
  }
}

BOOST_AUTO_TEST_CASE(an_absolute_target_that_names_this_host_is_accepted) {
  RunningServer server(echo());
  const std::string answer =
      server.exchange("GET http://x:1/a HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n\r\n");
  BOOST_TEST(answer.ends_with("GET /a []"), answer);
}

BOOST_AUTO_TEST_CASE(every_response_has_a_date) {
  RunningServer server(echo());
  BOOST_TEST(server.exchange(kGetWithQuery + "\r\n").find("\r\nDate: ") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
