// HEAD is responseed like GET without the body; OPTIONS lists the methods of a path.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

/// The value of a header field; empty when it is absent.
std::string field(const HttpResponse& response, const std::string& name) {
  const auto at = response.headers.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return response.headers.substr(begin, response.headers.find("\r\n", begin) - begin);
}

/// The methods in `Allow`.
std::set<std::string> allowed(const HttpResponse& response) {
  std::set<std::string> methods;
  std::istringstream list(field(response, "Allow"));
  for (std::string method; std::getline(list >> std::ws, method, ',');)
    methods.insert(method);
  return methods;
}

using Methods = std::set<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(methods, OneSession)

BOOST_AUTO_TEST_CASE(head_has_the_status_and_fields_of_get_and_no_body) {
  for (const std::string& target :
       {std::string("/v1/status"), std::string("/v1/sessions"), std::string("/v1/webhooks"), one}) {
    BOOST_TEST_CONTEXT(target) {
      const HttpResponse got = get(target);
      const HttpResponse head = call("HEAD", target);
      BOOST_TEST(head.status == 200);
      BOOST_TEST(head.body.empty());
      BOOST_TEST(field(head, "Content-Type") == field(got, "Content-Type"));
      BOOST_TEST(field(head, "Content-Length") == std::to_string(got.body.size()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refused_head_has_the_status_of_get_and_no_body) {
  for (const char* target : {"/v1/webhooks?limit=0", "/v1/sessions/7", "/v1/nowhere"}) {
    const HttpResponse head = call("HEAD", target);
    BOOST_TEST(head.status == get(target).status, target);
    BOOST_TEST(head.body.empty(), target);
  }
}

BOOST_AUTO_TEST_CASE(head_of_a_path_without_get_is_405) {
  BOOST_TEST(call("HEAD", "/v1/register-webhook").status == 405);
  BOOST_TEST(call("HEAD", one + "/poll").status == 405);
}

BOOST_AUTO_TEST_CASE(head_of_the_event_log_has_no_body) {
  const HttpResponse head = call("HEAD", "/v1/events?after=0");
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.body.empty());
}

BOOST_AUTO_TEST_CASE(head_of_an_event_stream_ends_after_the_header) {
  Client client(path);
  client.send(raw("HEAD", "/v1/events?follow=true"));
  BOOST_TEST(parse_response(client.read_until("\r\n\r\n")).status == 200);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_connection_serves_another_request_after_head) {
  Client client(path);
  client.send("HEAD /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("\r\n\r\n");
  client.send(raw("GET", "/v1/status"));
  const HttpResponse second = parse_response(client.read_all());
  BOOST_TEST(second.status == 200);
  BOOST_TEST(second.body == "{\"health\":\"ok\"}");
}

BOOST_AUTO_TEST_CASE(options_lists_the_methods_of_a_path) {
  const std::vector<std::pair<std::string, Methods>> rows = {
      {"/v1/sessions", {"POST", "GET", "HEAD", "OPTIONS"}},
      {one, {"GET", "HEAD", "DELETE", "OPTIONS"}},
      {one + "/poll", {"POST", "OPTIONS"}},
      {"/v1/webhooks", {"GET", "HEAD", "OPTIONS"}},
      {"/v1/register-webhook", {"POST", "OPTIONS"}},
      {"/v1/status", {"GET", "HEAD", "OPTIONS"}},
  };
  for (const auto& [target, expected] : rows) {
    BOOST_TEST_CONTEXT(target) {
      const HttpResponse response = call("OPTIONS", target);
      BOOST_TEST(response.status == 204);
      BOOST_TEST(response.body.empty());
      BOOST_TEST(field(response, "Content-Length").empty());
      BOOST_TEST(allowed(response) == expected, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(options_does_not_erase_the_session) {
  call("OPTIONS", one);
  BOOST_TEST(get(one).status == 200);
}

BOOST_AUTO_TEST_CASE(options_of_the_whole_server_is_204) {
  BOOST_TEST(call("OPTIONS", "*").status == 204);
}

BOOST_AUTO_TEST_CASE(options_of_an_unknown_path_is_404) {
  const HttpResponse response = call("OPTIONS", "/v1/nowhere");
  BOOST_TEST(response.status == 404);
  BOOST_TEST(response.error_code() == "NO_SUCH_ENDPOINT");
}

BOOST_AUTO_TEST_CASE(a_405_names_the_methods_of_the_path) {
  const HttpResponse response = call("PUT", "/v1/webhooks");
  BOOST_TEST(response.status == 405);
  const Methods methods = allowed(response);
  BOOST_TEST(methods.contains("GET"));
  BOOST_TEST(methods.contains("HEAD"));
  BOOST_TEST(!methods.contains("PUT"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
