// HEAD is GET without the body; OPTIONS says what a path takes.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

/// The value of a header; empty when it is not there.
std::string field(const HttpAnswer& answer, const std::string& name) {
  const auto at = answer.headers.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return answer.headers.substr(begin, answer.headers.find("\r\n", begin) - begin);
}

/// What `Allow` names, as a set.
std::set<std::string> allowed(const HttpAnswer& answer) {
  std::set<std::string> methods;
  std::istringstream list(field(answer, "Allow"));
  for (std::string method; std::getline(list >> std::ws, method, ',');)
    methods.insert(method);
  return methods;
}

struct OneSession : RunningControl {
  OneSession() { submit_id(uuid(1)); }
  const std::string one = "/v1/sessions/" + uuid(1);
};

using Methods = std::set<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(methods, OneSession)

BOOST_AUTO_TEST_CASE(head_is_answered_as_get_is_without_the_body) {
  for (const std::string& target :
       {std::string("/v1/status"), std::string("/v1/sessions"), std::string("/v1/webhooks"), one}) {
    BOOST_TEST_CONTEXT(target) {
      const HttpAnswer got = get(target);
      const HttpAnswer head = call("HEAD", target);
      BOOST_TEST(head.status == 200);
      BOOST_TEST(head.body.empty());
      BOOST_TEST(field(head, "Content-Type") == field(got, "Content-Type"));
      BOOST_TEST(field(head, "Content-Length") == std::to_string(got.body.size()));
    }
  }
}

BOOST_AUTO_TEST_CASE(head_is_refused_as_get_is_without_the_body) {
  for (const char* target : {"/v1/webhooks?limit=0", "/v1/sessions/7", "/v1/nowhere"}) {
    const HttpAnswer head = call("HEAD", target);
    BOOST_TEST(head.status == get(target).status, target);
    BOOST_TEST(head.body.empty(), target);
  }
}

BOOST_AUTO_TEST_CASE(head_of_what_cannot_be_got_is_refused) {
  BOOST_TEST(call("HEAD", "/v1/register-webhook").status == 405);
  BOOST_TEST(call("HEAD", one + "/poll").status == 405);
}

BOOST_AUTO_TEST_CASE(head_of_the_event_log_has_no_body) {
  const HttpAnswer head = call("HEAD", "/v1/events?after=0");
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.body.empty());
}

BOOST_AUTO_TEST_CASE(head_of_a_stream_ends_with_its_header) {
  Client client(path);
  client.send(raw("HEAD", "/v1/events?follow=true"));
  BOOST_TEST(parsed(client.read_until("\r\n\r\n")).status == 200);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_connection_goes_on_after_head) {
  Client client(path);
  client.send("HEAD /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.read_until("\r\n\r\n");
  client.send(raw("GET", "/v1/status"));
  const HttpAnswer second = parsed(client.read_all());
  BOOST_TEST(second.status == 200);
  BOOST_TEST(second.body == "{\"health\":\"ok\"}");
}

BOOST_AUTO_TEST_CASE(options_says_what_a_path_takes) {
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
      const HttpAnswer answer = call("OPTIONS", target);
      BOOST_TEST(answer.status == 204);
      BOOST_TEST(answer.body.empty());
      BOOST_TEST(field(answer, "Content-Length").empty());
      BOOST_TEST(allowed(answer) == expected, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(options_changes_nothing) {
  call("OPTIONS", one);
  BOOST_TEST(get(one).status == 200);
}

BOOST_AUTO_TEST_CASE(options_of_the_whole_server_is_answered) {
  BOOST_TEST(call("OPTIONS", "*").status == 204);
}

BOOST_AUTO_TEST_CASE(options_of_a_path_that_is_none_is_404) {
  const HttpAnswer answer = call("OPTIONS", "/v1/nowhere");
  BOOST_TEST(answer.status == 404);
  BOOST_TEST(answer.error_code() == "NO_SUCH_ENDPOINT");
}

BOOST_AUTO_TEST_CASE(a_wrong_method_is_told_the_right_ones) {
  const HttpAnswer answer = call("PUT", "/v1/webhooks");
  BOOST_TEST(answer.status == 405);
  const Methods methods = allowed(answer);
  BOOST_TEST(methods.contains("GET"));
  BOOST_TEST(methods.contains("HEAD"));
  BOOST_TEST(!methods.contains("PUT"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
