// Whom the client trusts with the keys.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/asking.hpp"
#include "tests/unit/upstream/certificates.hpp"

namespace bankconnect::test {

const Authority& authority() {
  static const Authority one;
  return one;
}

struct AskingSecurely : Asking {
  boost::asio::ssl::context tls = authority().server_context({});

  AskingSecurely() { options.ca_file = authority().file(); }

  void start(const std::string& host = "localhost") {
    serve({Script(3, Reply{http(200, kProcessing)})}, &tls);
    start_client(host, "https");
  }

  void check_refused(const std::string& host = "localhost") {
    start(host);
    const Answer answer = ask(Call::progress);
    settle();
    BOOST_TEST(trigger(answer) == "passing_fault");
    BOOST_TEST(error_code(answer) == "TLS_FAILED");
    BOOST_TEST(server->bytes_received == 0u);
  }
};

BOOST_FIXTURE_TEST_SUITE(client_tls, AskingSecurely)

BOOST_AUTO_TEST_CASE(a_certificate_with_the_right_name_is_accepted) {
  start();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_certificate_with_the_right_address_is_accepted) {
  tls = authority().server_context({"IP:127.0.0.1"});
  start("127.0.0.1");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(the_connection_is_kept_and_used_again) {
  start();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(the_host_name_is_sent_in_the_handshake) {
  start();
  ask(Call::progress);
  BOOST_REQUIRE(server->server_names.size() == 1u);
  BOOST_TEST(server->server_names.front() == "localhost");
}

BOOST_AUTO_TEST_CASE(an_address_is_not_sent_as_a_host_name) {
  tls = authority().server_context({"IP:127.0.0.1"});
  start("127.0.0.1");
  ask(Call::progress);
  BOOST_REQUIRE(server->server_names.size() == 1u);
  BOOST_TEST(server->server_names.front().empty());
}

BOOST_AUTO_TEST_CASE(a_certificate_with_another_name_is_refused) {
  tls = authority().server_context({"DNS:elsewhere.example"});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_name_in_the_subject_alone_is_none) {
  tls = authority().server_context({"IP:127.0.0.1", -3600, 3600, "localhost"});
  check_refused();
}

BOOST_AUTO_TEST_CASE(nor_is_it_where_no_other_name_is_given) {
  tls = authority().server_context({"", -3600, 3600, "localhost"});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_certificate_with_another_address_is_refused) {
  tls = authority().server_context({"IP:10.0.0.1,DNS:localhost"});
  check_refused("127.0.0.1");
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_refused) {
  tls = authority().server_context({"DNS:localhost", -7200, -3600});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_valid_yet_is_refused) {
  tls = authority().server_context({"DNS:localhost", 3600, 7200});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_certificate_of_an_unknown_root_is_refused) {
  const Authority stranger;
  tls = stranger.server_context({});
  check_refused();
}

BOOST_AUTO_TEST_CASE(the_systems_roots_do_not_vouch_for_ours) {
  options.ca_file.clear();
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_refusal_says_what_is_wrong_with_the_certificate) {
  tls = authority().server_context({"DNS:localhost", -7200, -3600});
  start();
  BOOST_TEST(ask(Call::progress).error->message.find("expired") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_says_that_the_name_is_wrong) {
  tls = authority().server_context({"DNS:elsewhere.example"});
  start();
  BOOST_TEST(ask(Call::progress).error->message ==
             "the certificate of localhost is not accepted: hostname mismatch");
}

BOOST_AUTO_TEST_CASE(a_refusal_says_that_the_address_is_wrong) {
  tls = authority().server_context({"IP:10.0.0.1"});
  start("127.0.0.1");
  BOOST_TEST(ask(Call::progress).error->message ==
             "the certificate of 127.0.0.1 is not accepted: IP address mismatch");
}

BOOST_AUTO_TEST_CASE(nothing_older_than_tls_1_2_is_spoken) {
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_1_VERSION);
  check_refused();
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_spoken) {
  SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_2_VERSION);
  start();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_a_passing_fault) {
  serve({{Reply{http(200, kProcessing)}}});
  options.request_timeout = std::chrono::milliseconds(300);
  start_client("localhost", "https");
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
}

BOOST_AUTO_TEST_CASE(a_handshake_that_stalls_ends_with_the_connect_timeout) {
  serve({{Reply{""}}});
  options.connect_timeout = std::chrono::milliseconds(100);
  start_client("localhost", "https");
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_cut_off_without_a_goodbye_is_a_fault) {
  serve({{Reply{"HTTP/1.1 200 OK\r\n\r\n" + kProcessing, Reply::Then::close}}}, &tls);
  start_client("localhost", "https");
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
}

BOOST_AUTO_TEST_CASE(roots_that_cannot_be_loaded_are_an_exception) {
  serve({{}});
  options.ca_file = "/no/such/roots.pem";
  BOOST_CHECK_THROW(start_client("localhost", "https"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
