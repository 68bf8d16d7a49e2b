// The server over TLS.
#include <boost/test/unit_test.hpp>

#include "src/net/wire.hpp"
#include "tests/unit/net/tls_client.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace bankconnect::test {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server that speaks TLS as "first".
struct SecureServer : RunningServer {
  SecureServer() : RunningServer(echo()) { use_tls(files.load()); }
  TlsFiles files{"first"};
};

std::string fault_of(const std::string& certificate_file, const std::string& key_file) {
  const auto loaded = net::load_tls(certificate_file, key_file);
  return loaded.has_error() ? loaded.error().code + ": " + loaded.error().message : "";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls, SecureServer)

BOOST_AUTO_TEST_CASE(requests_are_served_one_after_another) {
  TlsClient client(path);
  BOOST_REQUIRE(client.shaken);
  BOOST_TEST(client.common_name() == "first");
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(client.exchange(kGet).ends_with("GET / []"));
}

BOOST_AUTO_TEST_CASE(a_body_larger_than_a_record_arrives_whole) {
  TlsClient client(path);
  const std::string body(9000, 'x');
  const std::string answer =
      client.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + body);
  BOOST_TEST(answer.ends_with("[" + body + "]"));
}

BOOST_AUTO_TEST_CASE(the_end_is_said_before_the_connection_is_closed) {
  TlsClient client(path);
  client.exchange("GET / HTTP/1.1\r\n\r\n");
  BOOST_TEST(client.ended_properly);
}

BOOST_AUTO_TEST_CASE(versions_1_2_and_1_3_are_spoken) {
  TlsClient newest(path);
  BOOST_TEST(newest.version() == "TLSv1.3");
  TlsClient older(path, TLS1_2_VERSION);
  BOOST_TEST(older.shaken);
  BOOST_TEST(older.version() == "TLSv1.2");
}

BOOST_AUTO_TEST_CASE(version_1_1_is_refused_also_where_the_system_would_allow_it) {
  const auto identity = files.load();
  SSL_CTX_set_security_level(identity->context.native_handle(), 0);
  use_tls(identity);
  TlsClient client(path, TLS1_1_VERSION);
  BOOST_TEST(!client.shaken);
  BOOST_TEST(comes_to(0));
}

BOOST_AUTO_TEST_CASE(another_certificate_is_shown_to_new_connections_only) {
  TlsClient before(path);
  BOOST_REQUIRE(before.shaken);
  const TlsFiles second("second");
  use_tls(second.load());
  TlsClient after(path);
  BOOST_TEST(after.common_name() == "second");
  BOOST_TEST(before.exchange(kGet).ends_with("GET / []"));
}

BOOST_AUTO_TEST_CASE(a_handshake_that_is_never_finished_is_cut_off) {
  Client silent(path);
  Client halfway(path);
  halfway.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  BOOST_TEST(silent.closed());
  BOOST_TEST(halfway.closed());
}

BOOST_AUTO_TEST_CASE(who_speaks_plainly_is_not_served) {
  Client client(path);
  client.send(kGet);
  BOOST_TEST(client.read_all().find("HTTP/1.1 200") == std::string::npos);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_away_in_the_handshake_costs_nothing) {
  {
    Client client(path);
    client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  BOOST_TEST(comes_to(0));
}

BOOST_AUTO_TEST_CASE(who_was_refused_and_stays_makes_room_at_once) {
  net::ServerLimits limits = short_limits();
  limits.max_connections = 2;
  limits.header_timeout = limits.body_timeout = std::chrono::seconds(30);
  RunningServer small(echo(), limits);
  small.use_tls(files.load());
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<TlsClient>> refused;
  for (int i = 0; i < 12; ++i) {
    refused.push_back(std::make_unique<TlsClient>(small.path));
    BOOST_TEST(refused.back()->exchange("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
    BOOST_TEST(refused.back()->ended_properly);
  }
  TlsClient good(small.path);
  BOOST_TEST(good.exchange(kGet).ends_with("GET / []"));
  // Each of them may stay for more than a second where nobody else comes.
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(3)));
}

BOOST_AUTO_TEST_CASE(stopping_ends_idle_connections) {
  TlsClient client(path);
  BOOST_REQUIRE(client.exchange(kGet).ends_with("GET / []"));
  stop();
  BOOST_TEST(comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_there_is_named) {
  BOOST_TEST(fault_of("/nowhere.pem", files.key_file).starts_with("TLS_CERTIFICATE: /nowhere.pem"));
}

BOOST_AUTO_TEST_CASE(a_key_that_is_no_key_is_named) {
  const std::string fault = fault_of(files.certificate_file, files.certificate_file);
  BOOST_TEST(fault.starts_with("TLS_KEY: " + files.certificate_file), fault);
}

BOOST_AUTO_TEST_CASE(a_key_of_another_certificate_is_refused) {
  const TlsFiles other("other");
  BOOST_TEST(fault_of(files.certificate_file, other.key_file).starts_with("TLS_KEY: "));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
