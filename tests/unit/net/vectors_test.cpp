// Every public conformance vector passes as its suite scores it, and without a warning where the suite does
// not warn of a right response.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/unit/net/running_server.hpp"
#include "tests/unit/net/vectors.hpp"

namespace bankconnect::test {
namespace {

using boost::asio::awaitable;
using net::Request;
using net::Response;

/// Vectors whose suite warns of a right response, and why it is right.
const std::map<std::string, std::string> kRightDespiteWarning = {
    {"SMUG-CL-TRAILING-SPACE", "blanks around a value are ignored"},
    {"SMUG-CL-EXTRA-LEADING-SP", "blanks around a value are ignored"},
    {"MAL-CL-TAB-BEFORE-VALUE", "blanks around a value are ignored"},
    {"SMUG-EXPECT-100-CL", "a body may be sent without waiting"},
    {"SMUG-CL0-BODY-POISON", "bytes after a complete request are the next one"},
    {"COMP-HTTP10-NO-HOST", "HTTP/1.0 requires no Host, and health checks of proxies send none"},
    {"COMP-HTTP12-VERSION", "505 says more than closing the connection"},
    {"COMP-UPGRADE-INVALID-VER", "a server may ignore Upgrade"},
    {"COMP-ACCEPT-NONSENSE", "content negotiation is up to the handler"},
    {"MAL-RANGE-OVERLAPPING", "a server without range support ignores Range"},
};

std::vector<Vector> all_vectors(bool fragments) {
  std::vector<Vector> out;
  for (const char* file : {"compliance.txt", "smuggling.txt", "malformed.txt", "h1spec.txt"}) {
    for (Vector& vector : read_vectors(file)) {
      if ((vector.pass == "silent") == fragments) out.push_back(std::move(vector));
    }
  }
  return out;
}

/// The endpoint that the suites expect: GET, HEAD, and POST that echoes.
net::Handler endpoint() {
  return [](const Request& request) -> awaitable<Response> {
    Response response = text_response(request.body);
    if (request.method == "OPTIONS") response.status = 204;
    if (request.method != "OPTIONS" && request.method != "GET" && request.method != "HEAD" &&
        request.method != "POST")
      response.status = 405;
    if (response.status != 200) response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS, POST");
    co_return response;
  };
}

net::ServerLimits limits(std::chrono::milliseconds header_timeout) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_header = 8 * 1024;
  limits.header_timeout = header_timeout;
  return limits;
}

Reply exchange(Client& client, const std::string& bytes) {
  client.send(bytes);
  std::string answer = client.read_until("\r\n\r\n");
  // After `Connection: close` the server gets time to close.
  const bool ends = answer.find("Connection: close") != std::string::npos;
  answer += client.read_until_quiet(ends ? 5000 : 60);
  return read_reply(answer, client.at_end());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(vectors)

BOOST_DATA_TEST_CASE(a_vector_passes_as_its_suite_scores_it, boost::unit_test::data::make(all_vectors(false)),
                     vector) {
  RunningServer server(endpoint(), limits(std::chrono::milliseconds(400)));
  Client client(server.port);
  std::vector<Reply> replies;
  for (const std::string& bytes : vector.sends) {
    replies.push_back(exchange(client, bytes));
    if (replies.back().closed) break;
  }
  const Verdict expected = kRightDespiteWarning.contains(vector.id) ? Verdict::warn : Verdict::pass;
  BOOST_TEST(judge(vector, replies) == expected, "pass: " << vector.pass
                                                          << "; closed: " << replies.front().closed << ": "
                                                          << replies.front().head << "\n"
                                                          << replies.front().body);
}

BOOST_AUTO_TEST_CASE(an_incomplete_request_gets_no_response_yet) {
  RunningServer server(endpoint(), limits(std::chrono::seconds(30)));
  const std::vector<Vector> fragments = all_vectors(true);
  BOOST_REQUIRE(fragments.size() == 15U);
  std::vector<std::unique_ptr<Client>> clients;
  for (const Vector& vector : fragments) {
    clients.push_back(std::make_unique<Client>(server.port));
    clients.back()->send(vector.sends.front());
  }
  BOOST_REQUIRE(server.reaches_connections(15));
  clients.front()->readable(500);  // as long as the suite waits for a response
  for (std::size_t i = 0; i < clients.size(); ++i)
    BOOST_TEST(!clients[i]->readable(0), fragments[i].id << " gets a response");
}

BOOST_AUTO_TEST_CASE(no_vector_is_missing) {
  BOOST_TEST(all_vectors(false).size() == 218U);
}

BOOST_AUTO_TEST_CASE(judge_tells_pass_warn_and_fail_apart) {
  const Vector vector{"X", true, "400+single any+closed", "2xx", {""}};
  BOOST_TEST(judge(vector, {read_reply("HTTP/1.1 400 Bad\r\n\r\n", false)}) == Verdict::pass);
  BOOST_TEST(judge(vector, {read_reply("HTTP/1.1 404 No\r\n\r\n", true)}) == Verdict::pass);
  BOOST_TEST(judge(vector, {read_reply("HTTP/1.1 200 OK\r\n\r\n", false)}) == Verdict::warn);
  BOOST_TEST(judge(vector, {read_reply("HTTP/1.1 404 No\r\n\r\n", false)}) == Verdict::fail);
  BOOST_TEST(judge(vector, {read_reply("", false)}) == Verdict::fail);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
