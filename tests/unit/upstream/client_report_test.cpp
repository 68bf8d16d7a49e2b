// Fetching reports over real sockets: no keys, no redirects, and no more than is allowed.
#include <boost/test/unit_test.hpp>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

namespace {

using Result = ReportAnswer::Result;

struct ReportFixture : ClientFixture {
  ReportFixture() { config.report_hosts = {"127.0.0.1", "localhost"}; }

  ReportAnswer fetch(const std::string& target, const std::string& origin = "http://127.0.0.1") {
    std::optional<ReportAnswer> answer;
    const ReportLink link{{"a", ReportFormat::xlsx}, origin + ":" + server->port() + target};
    client->fetch_report(link, [&](ReportAnswer a) { answer = std::move(a); });
    if (answer) throw std::logic_error("answered from inside fetch_report()");
    wait_until([&] { return answer.has_value(); });
    return std::move(*answer);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_report, ReportFixture)

BOOST_AUTO_TEST_CASE(a_report_is_fetched_without_the_keys) {
  against({{Reply{http(200, "bytes")}}});
  const ReportAnswer answer = fetch("/r.xlsx?X-Amz-Signature=%2Fa");
  BOOST_TEST((answer.result == Result::fetched));
  BOOST_TEST(unpack(*answer.report).value() == "bytes");
  BOOST_TEST_REQUIRE(server->requests.size() == 1U);
  const std::string& request = server->requests[0];
  BOOST_TEST(request.starts_with("GET /r.xlsx?X-Amz-Signature=%2Fa HTTP/1.1\r\n"));
  BOOST_TEST(request.find("the-key") == std::string::npos);
  BOOST_TEST(request.find("the-hash") == std::string::npos);
  BOOST_TEST(request.find("x-api-key") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed) {
  against({{Reply{http(302, "", "Location: http://127.0.0.1:1/other\r\n")}}});
  const ReportAnswer answer = fetch("/r");
  BOOST_TEST((answer.result == Result::impossible));
  BOOST_TEST(answer.error.code == "HTTP_302");
  BOOST_TEST(server->connections == 1U);
}

BOOST_AUTO_TEST_CASE(a_report_larger_than_allowed_is_not_read_to_its_end) {
  config.max_report_size = 1000;
  against({{Reply{http(200, std::string(1001, 'x'))}}});
  BOOST_TEST(fetch("/r").error.code == "RESPONSE_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(a_report_that_ends_early_is_tried_again) {
  const std::string whole = http(200, std::string(1000, 'x'));
  against({{Reply{whole.substr(0, whole.size() - 1), Reply::Then::close}}});
  const ReportAnswer answer = fetch("/r");
  BOOST_TEST((answer.result == Result::try_again));
  BOOST_TEST(answer.error.code == "TRUNCATED");
}

BOOST_AUTO_TEST_CASE(a_host_that_is_not_allowed_is_not_even_looked_up) {
  config.report_hosts = {"*.amazonaws.com"};
  against({{Reply{http(200, "bytes")}}});
  BOOST_TEST(fetch("/r").error.code == "HOST_NOT_ALLOWED");
  settle();
  BOOST_TEST(server->connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_host_is_trusted_by_the_same_roots_as_bankconnect) {
  static const Authority trusted;
  auto tls = trusted.server_context({});
  config.ca_file = trusted.file();
  serve({Script(2, Reply{http(200, "bytes")})}, &tls);
  start_client("localhost", "https");
  BOOST_TEST((fetch("/r", "https://localhost").result == Result::fetched));
  const Authority other;
  client->reload_roots(other.file());
  const ReportAnswer answer = fetch("/r", "https://localhost");
  BOOST_TEST((answer.result == Result::try_again));
  BOOST_TEST(answer.error.code == "TLS_FAILED");
}

BOOST_AUTO_TEST_CASE(roots_that_cannot_be_loaded_cost_the_report_and_not_the_daemon) {
  static const Authority trusted;
  auto tls = trusted.server_context({});
  serve({Script(2, Reply{http(200, "bytes")})}, &tls);
  config.ca_file = trusted.file();
  start_client("127.0.0.1", "http");
  client->reload_roots("/no/such.pem");  // plain HTTP to BankConnect needs none
  const ReportAnswer answer = fetch("/r", "https://localhost");
  BOOST_TEST((answer.result == Result::try_again));
  BOOST_TEST(answer.error.code == "TLS_FAILED");
  client->reload_roots(trusted.file());
  BOOST_TEST((fetch("/r", "https://localhost").result == Result::fetched));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
