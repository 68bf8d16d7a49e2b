// Which headers are accepted, and with which status the others are refused.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;

int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

int status_after(const std::string& bytes) {
  RunningServer server(echo());
  Client client(server.port);
  client.send(bytes);
  return status_of(client.read_until("\r\n\r\n"));
}
int status_with_host(const std::string& host) {
  return status_after("GET / HTTP/1.1\r\n" + host + "\r\n");
}
int status_of_target(const std::string& target) {
  return status_after("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
}
int status_with_length(const std::string& fields) {
  return status_after("POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\nhello");
}

const std::vector<std::string> kHosts = {
    "x",     "x:80",     "X.Example-Host.com", "a_b.c:",           "127.0.0.1:65535",
    "[::1]", "[::1]:80", "[2001:DB8::1]:8443", "[::ffff:1.2.3.4]", "xn--bcher-kva.example"};

const std::vector<std::string> kMalformedHosts = {"",
                                                  "x, y",
                                                  "x,y",
                                                  "user@x",
                                                  "x/path",
                                                  "x?a",
                                                  "x#a",
                                                  "x y",
                                                  "x:y",
                                                  "x:80:80",
                                                  "x:123456",
                                                  "x:-1",
                                                  "x:+1",
                                                  ":80",
                                                  "[::1",
                                                  "::1",
                                                  "[]",
                                                  "[::g]",
                                                  "[::1]x",
                                                  "[::1]:x",
                                                  "http://x",
                                                  "x\\y",
                                                  "x%20y",
                                                  "b\xc3\xbc"
                                                  "cher",
                                                  "<x>",
                                                  "\"x\"",
                                                  "*",
                                                  "x;y",
                                                  "[::1%25eth0]",
                                                  "[v1.x]"};

const std::vector<std::string> kTargets = {"/",   "/a/b.c", "/a%20b?c=d%26", "/?x",
                                           "//a", "/a;b=c", "/%C3%A9",       "/~a!$&'()*+,;=:@"};

const std::vector<std::string> kMalformedTargets = {
    "",         "a",    "?x",   "/#frag", "/a#b", "/a\\b", "/caf\xc3\xa9", "/\xc0\xaf", "/%00",
    "/%0d%0a",  "/%0a", "/%1f", "/%7f",   "/%",   "/%z0",  "/%0",          "/a\"b",     "/<a>",
    "/a{b}",    "/a|b", "/a^b", "/a`b",   "*",    "/[",    "ftp://x/",     "http://y/", "http://user@x/",
    "http:///", "x:80"};

const std::vector<std::string> kMalformedLengths = {"Content-Length:\r\n",
                                                    "Content-Length: 05\r\n",
                                                    "Content-Length: 00\r\n",
                                                    "Content-Length: 5, 5\r\n",
                                                    "Content-Length: +5\r\n",
                                                    "Content-Length: -5\r\n",
                                                    "Content-Length: -0\r\n",
                                                    "Content-Length: 0x5\r\n",
                                                    "Content-Length: 5 5\r\n",
                                                    "Content-Length: 1_0\r\n",
                                                    "Content-Length: 5.0\r\n",
                                                    "Content-Length: 5;\r\n",
                                                    "Content-Length: ab\r\n",
                                                    "Content-Length: \"5\"\r\n",
                                                    "Content-Length: 99999999999999999999\r\n",
                                                    "Content-Length: 999999999\r\n",
                                                    "Content-Length: 5\r\nContent-Length: 5\r\n",
                                                    "Content-Length: 5\r\nContent_Length: 5\r\n",
                                                    "Content-Length: 5\r\nTransfer_Encoding: chunked\r\n",
                                                    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_header)

BOOST_DATA_TEST_CASE(a_well_formed_host_is_accepted, data::make(kHosts), host) {
  BOOST_TEST(status_with_host("Host: " + host + "\r\n") == 200);
}

BOOST_DATA_TEST_CASE(a_malformed_host_is_refused, data::make(kMalformedHosts), host) {
  BOOST_TEST(status_with_host("Host: " + host + "\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(the_name_of_the_transfer_encoding_is_case_insensitive) {
  for (const char* const name : {"chunked", "Chunked", "CHUNKED"})
    BOOST_TEST(status_after("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + std::string(name) +
                            "\r\n\r\n1\r\na\r\n0\r\n\r\n") == 200,
               name);
}

BOOST_AUTO_TEST_CASE(one_empty_line_before_a_request_is_skipped_and_no_more) {
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  BOOST_TEST(status_after("\r\n" + request) == 200);
  BOOST_TEST(status_after("\r\n\r\n" + request) == 400);
  BOOST_TEST(status_after("\n" + request) == 400);
  BOOST_TEST(status_after("\r" + request) == 400);
  RunningServer server(echo());
  Client client(server.path);
  for (const char c : "\r\n" + request)
    client.send(std::string(1, c));
  BOOST_TEST(status_of(client.read_until("\r\n\r\n")) == 200);
}

BOOST_AUTO_TEST_CASE(a_missing_or_repeated_host_is_refused) {
  BOOST_TEST(status_with_host("") == 400);
  BOOST_TEST(status_with_host("Host: x\r\nHost: x\r\n") == 400);
  BOOST_TEST(status_with_host("Host: x\r\nhost: y\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(on_a_unix_socket_host_may_be_anything) {
  for (const char* host :
       {"Host:", "Host: /run/bankconnectd/control.sock", "Host: http%3A%2F%2Fx", "Host: a b"}) {
    RunningServer server(echo());
    Client client(server.path);
    client.send("GET / HTTP/1.1\r\n" + std::string(host) + "\r\n\r\n");
    BOOST_TEST(status_of(client.read_until("\r\n\r\n")) == 200, host);
  }
}

BOOST_AUTO_TEST_CASE(http_1_0_may_omit_the_host_but_not_repeat_it) {
  BOOST_TEST(status_after("GET / HTTP/1.0\r\n\r\n") == 200);
  BOOST_TEST(status_after("GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(blanks_around_a_value_are_ignored) {
  BOOST_TEST(status_with_host("hoSt:\t x \t\r\n") == 200);
}

BOOST_AUTO_TEST_CASE(a_value_may_contain_utf_8) {
  BOOST_TEST(status_with_host("Host: x\r\nX-Name: caf\xc3\xa9\r\n") == 200);
}

BOOST_DATA_TEST_CASE(a_well_formed_target_is_accepted, data::make(kTargets), target) {
  BOOST_TEST(status_of_target(target) == 200);
}

BOOST_DATA_TEST_CASE(a_malformed_target_is_refused, data::make(kMalformedTargets), target) {
  BOOST_TEST(status_of_target(target) == 400);
}

BOOST_AUTO_TEST_CASE(the_asterisk_target_is_accepted_for_options_only) {
  BOOST_TEST(status_after("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
  BOOST_TEST(status_after("POST * HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(an_absolute_target_without_a_path_means_the_root_path) {
  RunningServer server(echo());
  Client client(server.path);
  client.send("GET HTTP://X HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(client.read_until("]").ends_with("GET / []"));
}

BOOST_AUTO_TEST_CASE(a_connect_request_is_refused) {
  BOOST_TEST(status_after("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(a_decimal_content_length_is_accepted) {
  BOOST_TEST(status_with_length("Content-Length: 5\r\n") == 200);
  BOOST_TEST(status_with_length("Content-Length:\t5 \r\n") == 200);
  BOOST_TEST(status_with_length("Content-Length: 0\r\n") == 200);
}

BOOST_DATA_TEST_CASE(a_malformed_content_length_is_refused, data::make(kMalformedLengths), fields) {
  BOOST_TEST(status_with_length(fields) == 400);
}

BOOST_AUTO_TEST_CASE(a_post_without_a_content_length_has_no_body) {
  BOOST_TEST(status_after("POST / HTTP/1.1\r\nHost: x\r\n\r\n") == 200);
}

BOOST_DATA_TEST_CASE(a_body_is_refused_where_the_method_takes_none,
                     data::make({"GET", "HEAD", "OPTIONS", "TRACE"}), method) {
  const std::string begin = std::string(method) + " / HTTP/1.1\r\nHost: x\r\n";
  BOOST_TEST(status_after(begin + "Content-Length: 5\r\n\r\nhello") == 400);
  BOOST_TEST(status_after(begin + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
  BOOST_TEST(status_after(begin + "Content-Length: 0\r\n\r\n") == 200);
}

BOOST_AUTO_TEST_CASE(a_repeated_content_type_is_refused) {
  BOOST_TEST(status_with_length("Content-Length: 5\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n") == 400);
}

BOOST_AUTO_TEST_CASE(the_expectation_100_continue_is_case_insensitive) {
  BOOST_TEST(
      status_after("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n") == 100);
}

BOOST_AUTO_TEST_CASE(an_expectation_without_a_body_gets_no_100_continue) {
  BOOST_TEST(status_after("GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n") == 200);
}

BOOST_AUTO_TEST_CASE(an_expectation_whose_body_has_arrived_gets_no_100_continue) {
  BOOST_TEST(status_with_length("Content-Length: 5\r\nExpect: 100-continue\r\n") == 200);
}

BOOST_AUTO_TEST_CASE(an_expectation_of_http_1_0_is_ignored) {
  BOOST_TEST(
      status_after("POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello") ==
      200);
}

BOOST_DATA_TEST_CASE(another_expectation_is_417, data::make({"200-ok", "100-continue, x", "100"}), value) {
  BOOST_TEST(status_with_host("Host: x\r\nExpect: " + std::string(value) + "\r\n") == 417);
}

BOOST_AUTO_TEST_CASE(a_repeated_expectation_is_417) {
  BOOST_TEST(status_with_host("Host: x\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n") == 417);
}

BOOST_DATA_TEST_CASE(another_version_is_505, data::make({"1.2", "2.0", "0.9", "9.9"}), version) {
  BOOST_TEST(status_after("GET / HTTP/" + std::string(version) + "\r\nHost: x\r\n\r\n") == 505);
}

BOOST_DATA_TEST_CASE(a_malformed_version_is_400,
                     data::make({"HTTP/1", "HTTP/1.", "HTTP/01.1", "HTTP/1.10", "HTTP/ 1.1", "http/1.1",
                                 "HTTPS/1.1", "HTTP/1,1", "HTTP/1.1 ", "", "x HTTP/1.1", "x HTTP/2.0"}),
                     version) {
  BOOST_TEST(status_after("GET / " + std::string(version) + "\r\nHost: x\r\n\r\n") == 400);
}

BOOST_DATA_TEST_CASE(an_unknown_method_is_501, data::make({"FOOBAR", "get", "POSTS"}), method) {
  BOOST_TEST(status_after(std::string(method) + " / HTTP/1.1\r\nHost: x\r\n\r\n") == 501);
}

BOOST_AUTO_TEST_CASE(a_malformed_header_is_refused_before_its_body_arrives) {
  BOOST_TEST(status_after("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n") == 400);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
