// Calls through an egress proxy: the tunnel, its credentials, and proxies that refuse, hang or lie.
#include <boost/test/unit_test.hpp>

#include "bankconnect/proxy.hpp"
#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/client_fixture.hpp"
#include "tests/unit/upstream/relay_proxy.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

const Reply kTunnel{"HTTP/1.1 200 Connection established\r\n\r\n"};

const Authority& proxy_authority() {
  static const Authority one;
  return one;
}

/// The test server is the proxy; after CONNECT it answers as BankConnect would through the tunnel.
struct ProxyFixture : ClientFixture {
  std::string credentials;

  void start_client_of_bankconnect(const std::string& url, const std::string& proxy) {
    config.base_url = parse_base_url(url).value();
    config.proxy = parse_proxy_url(proxy).value();
    config.connect_timeout = 300ms;
    client = make_upstream_client(loop, worker, clock, config, "bankconnectd/test",
                                  {"the-key", "the-hash", credentials});
  }
  void through(std::vector<Script> scripts) {
    serve(std::move(scripts));
    start_client_of_bankconnect("http://bankconnect.example/v1", "http://127.0.0.1:" + server->port());
  }
  void check_refused(const Reply& reply, const std::string& code) {
    through({{reply}});
    const Answer answer = ask(Call::initiate);
    BOOST_TEST(trigger(answer) == "passing_fault");
    BOOST_TEST(error_code(answer) == code);
    BOOST_TEST(!answer.event.may_have_arrived);
    for (const std::string& request : server->requests)
      BOOST_TEST(request.find("the-key") == std::string::npos);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_proxy, ProxyFixture)

BOOST_AUTO_TEST_CASE(calls_go_through_a_tunnel_that_the_proxy_is_asked_for) {
  through({{kTunnel, kFine, kFine}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST_REQUIRE(server->requests.size() == 2u);
  BOOST_TEST(server->requests[0] ==
             "CONNECT bankconnect.example:80 HTTP/1.1\r\nHost: bankconnect.example:80\r\n"
             "User-Agent: bankconnectd/test\r\n\r\n");
  BOOST_TEST(server->requests[1].starts_with("GET /v1/session_data/"));
  // The tunnel is kept, as any connection is.
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(the_proxy_gets_its_credentials_and_not_those_of_bankconnect) {
  credentials = "user:pass word";
  through({{kTunnel, kFine}});
  ask(Call::progress);
  BOOST_TEST(server->requests[0].find("Proxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=\r\n") !=
             std::string::npos);
  BOOST_TEST(server->requests[0].find("the-key") == std::string::npos);
  BOOST_TEST(server->requests[1].find("Proxy-Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(new_credentials_are_used_for_the_next_tunnel) {
  credentials = "a:b";
  through({{kTunnel, Reply{http(200, kProcessing), Reply::Then::close}}, {kTunnel, kFine}});
  ask(Call::progress);
  client->set_credentials({"the-key", "the-hash", "c:d"});
  ask(Call::progress);
  BOOST_TEST(server->requests.back().find("GET") == 0u);
  BOOST_TEST(server->requests[server->requests.size() - 2].find("Basic Yzpk\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_wants_other_credentials_says_so) {
  for (const int status : {401, 407})
    check_refused({http(status, "", "Proxy-Authenticate: Basic realm=\"x\"\r\n")},
                  "PROXY_AUTHENTICATION_REQUIRED");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_refuses_is_not_bankconnect_refusing) {
  for (const int status : {302, 400, 403, 404, 503})
    check_refused({http(status, R"({"error":{"code":"SESSION_DELETED"}})")}, "PROXY_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_sends_more_than_it_was_asked_for_gets_no_request) {
  check_refused({"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}"}, "PROXY_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_length_in_the_answer_to_connect_means_nothing) {
  through({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, kFine}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_answers_no_http_is_a_fault) {
  check_refused({"SSH-2.0-OpenSSH_9.2\r\n\r\n"}, "BAD_HTTP");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_hangs_is_left_after_the_time_for_connecting) {
  check_refused({"", Reply::Then::stall}, "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_closes_is_a_fault) {
  check_refused({"", Reply::Then::close}, "CONNECTION_CLOSED");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_away_is_named_in_the_message) {
  serve({{kFine}});
  const std::string port = server->port();
  server.reset();
  settle();
  start_client_of_bankconnect("http://bankconnect.example/v1", "http://127.0.0.1:" + port);
  const Answer answer = ask(Call::progress);
  BOOST_TEST(error_code(answer) == "CONNECTION_REFUSED");
  BOOST_TEST(answer.error->message.starts_with("connecting to the proxy"));
}

BOOST_AUTO_TEST_CASE(hosts_that_need_no_proxy_are_called_directly) {
  serve({{kFine}});
  config.no_proxy = {"127.0.0.1"};
  start_client_of_bankconnect("http://127.0.0.1:" + server->port() + "/v1", "http://127.0.0.1:9");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->requests[0].starts_with("GET "));
}

BOOST_AUTO_TEST_CASE(tls_to_bankconnect_goes_through_the_tunnel_of_either_kind_of_proxy) {
  boost::asio::ssl::context tls = proxy_authority().server_context({});
  config.ca_file = proxy_authority().file();
  for (const bool tls_to_proxy : {false, true}) {
    RelayProxy proxy(loop, tls_to_proxy ? &tls : nullptr);
    serve({Script(3, kFine)}, &tls);
    const std::string scheme = tls_to_proxy ? "https://" : "http://";
    start_client_of_bankconnect("https://localhost:" + server->port() + "/v1",
                                scheme + "localhost:" + proxy.port());
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
    BOOST_TEST(proxy.requests.size() == 1u);
    BOOST_TEST(proxy.requests[0].find("the-key") == std::string::npos);
    client.reset();
    settle();
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_with_another_certificate_gets_no_request) {
  const Authority other;
  boost::asio::ssl::context tls = proxy_authority().server_context({});
  boost::asio::ssl::context wrong = other.server_context({});
  config.ca_file = proxy_authority().file();
  RelayProxy proxy(loop, &wrong);
  serve({{kFine}}, &tls);
  start_client_of_bankconnect("https://localhost:" + server->port() + "/v1",
                              "https://localhost:" + proxy.port());
  BOOST_TEST(error_code(ask(Call::progress)) == "TLS_FAILED");
  BOOST_TEST(proxy.requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(proxy_settings)

BOOST_AUTO_TEST_CASE(a_proxy_is_a_host_and_a_port) {
  for (const char* const good : {"http://proxy:3128", "https://proxy.lender.example:443", "http://[::1]:80"})
    BOOST_TEST(parse_proxy_url(good).has_value(), good);
  for (const char* const bad : {"proxy:3128", "http://proxy", "http://proxy:3128/path", "socks5://proxy:1080",
                                "http://user:pass@proxy:3128", "http://proxy:0", "http://:3128"})
    BOOST_TEST(parse_proxy_url(bad).has_error(), bad);
}

BOOST_AUTO_TEST_CASE(an_entry_names_a_host_a_domain_or_all) {
  const auto direct = [](const char* host, const char* entry) {
    return reached_without_proxy(host, {"unrelated.example", entry});
  };
  BOOST_TEST(direct("a.example", "a.example"));
  BOOST_TEST(direct("A.Example", "a.example"));
  BOOST_TEST(direct("b.a.example", "a.example"));
  BOOST_TEST(direct("b.a.example", ".a.example"));
  BOOST_TEST(direct("b.a.example", "*.a.example"));
  BOOST_TEST(direct("anything", "*"));
  BOOST_TEST(direct("10.0.0.1", "10.0.0.1"));
  BOOST_TEST(!direct("ba.example", "a.example"));
  BOOST_TEST(!direct("a.example.org", "a.example"));
  BOOST_TEST(!direct("a.example", "b.a.example"));
  BOOST_TEST(!direct("a.example", ""));
  BOOST_TEST(!reached_without_proxy("a.example", {}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
