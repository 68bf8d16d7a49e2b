// TLS: which servers the client accepts before it sends the keys.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

const Authority& authority() {
  static const Authority one;
  return one;
}

struct TlsClientFixture : ClientFixture {
  boost::asio::ssl::context tls = authority().server_context({});

  TlsClientFixture() { config.ca_file = authority().file(); }

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

BOOST_FIXTURE_TEST_SUITE(client_tls, TlsClientFixture)

BOOST_AUTO_TEST_CASE(a_certificate_with_the_right_name_is_accepted) {
  start();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_certificate_with_the_right_address_is_accepted) {
  tls = authority().server_context({"IP:127.0.0.1"});
  start("127.0.0.1");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(roots_that_were_replaced_are_used_for_the_next_connection) {
  const Authority other;
  config.ca_file = other.file();
  start();
  BOOST_TEST(error_code(ask(Call::progress)) == "TLS_FAILED");
  client->reload_roots(authority().file());
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  // A connection that was opened with the old roots is not used again.
  client->reload_roots(other.file());
  BOOST_TEST(error_code(ask(Call::progress)) == "TLS_FAILED");
}

BOOST_AUTO_TEST_CASE(a_connection_in_use_while_the_roots_are_replaced_is_not_kept) {
  const Authority other;
  start();
  std::optional<Answer> answer;
  client->ask(question(Call::progress), [&](Answer a) { answer = std::move(a); });
  wait_until([&] { return server->connections == 1u && server->bytes_received > 0; });
  client->reload_roots(other.file());
  wait_until([&] { return answer.has_value(); });
  BOOST_TEST(trigger(*answer) == "still_processing");
  BOOST_TEST(error_code(ask(Call::progress)) == "TLS_FAILED");
}

BOOST_AUTO_TEST_CASE(roots_that_cannot_be_loaded_leave_the_old_ones) {
  start();
  BOOST_CHECK_THROW(client->reload_roots("/no/such.pem"), std::runtime_error);
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_tls_connection_is_reused) {
  start();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_only_weak_ciphers_is_refused) {
  for (const char* const ciphers : {"ECDHE+AES+SHA1", "ECDHE+AES+SHA256"}) {
    tls = authority().server_context({});
    SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(tls.native_handle(), ciphers);
    check_refused();
  }
}

BOOST_AUTO_TEST_CASE(the_host_name_is_sent_as_sni) {
  start();
  ask(Call::progress);
  BOOST_REQUIRE(server->server_names.size() == 1u);
  BOOST_TEST(server->server_names.front() == "localhost");
}

BOOST_AUTO_TEST_CASE(an_ip_address_is_not_sent_as_sni) {
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

BOOST_AUTO_TEST_CASE(a_common_name_is_ignored_beside_a_subject_alternative_name) {
  tls = authority().server_context({"IP:127.0.0.1", -3600, 3600, "localhost"});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_common_name_is_ignored_without_a_subject_alternative_name) {
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

BOOST_AUTO_TEST_CASE(a_certificate_signed_by_an_unknown_root_is_refused) {
  const Authority other;
  tls = other.server_context({});
  check_refused();
}

BOOST_AUTO_TEST_CASE(a_certificate_of_a_private_root_is_refused_with_the_systems_roots) {
  config.ca_file.clear();
  check_refused();
}

BOOST_AUTO_TEST_CASE(the_error_says_that_the_certificate_has_expired) {
  tls = authority().server_context({"DNS:localhost", -7200, -3600});
  start();
  BOOST_TEST(ask(Call::progress).error->message.find("expired") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_error_says_that_the_host_name_does_not_match) {
  tls = authority().server_context({"DNS:elsewhere.example"});
  start();
  BOOST_TEST(ask(Call::progress).error->message ==
             "the certificate of localhost is not accepted: hostname mismatch");
}

BOOST_AUTO_TEST_CASE(the_error_says_that_the_ip_address_does_not_match) {
  tls = authority().server_context({"IP:10.0.0.1"});
  start("127.0.0.1");
  BOOST_TEST(ask(Call::progress).error->message ==
             "the certificate of 127.0.0.1 is not accepted: IP address mismatch");
}

BOOST_AUTO_TEST_CASE(tls_1_1_and_older_are_refused) {
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_1_VERSION);
  check_refused();
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_accepted) {
  SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_2_VERSION);
  start();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_a_passing_fault) {
  serve({{Reply{http(200, kProcessing)}}});
  config.request_timeout = std::chrono::milliseconds(300);
  start_client("localhost", "https");
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
}

BOOST_AUTO_TEST_CASE(a_handshake_that_stalls_ends_with_the_connect_timeout) {
  serve({{Reply{""}}});
  config.connect_timeout = std::chrono::milliseconds(100);
  start_client("localhost", "https");
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_that_ends_without_a_tls_close_notify_is_a_passing_fault) {
  serve({{Reply{"HTTP/1.1 200 OK\r\n\r\n" + kProcessing, Reply::Then::close}}}, &tls);
  start_client("localhost", "https");
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
}

BOOST_AUTO_TEST_CASE(creating_the_client_throws_when_the_roots_cannot_be_loaded) {
  serve({{}});
  config.ca_file = "/no/such/roots.pem";
  BOOST_CHECK_THROW(start_client("localhost", "https"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
