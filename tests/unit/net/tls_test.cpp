// The server over TLS.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "src/net/stream.hpp"
#include "tests/unit/net/tls_client.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace bankconnect::test {
namespace {

/// A TLS server whose certificate has the common name "first".
struct TlsServer : RunningServer {
  TlsServer() : RunningServer(echo()) { use_tls(files.load()); }
  TlsFiles files{"first"};
};

std::string error_of(const std::string& certificate_file, const std::string& key_file) {
  const auto loaded = net::load_tls_identity(certificate_file, key_file);
  return loaded.has_error() ? std::string(to_string(loaded.error().code)) + ": " + loaded.error().message
                            : "";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls, TlsServer)

BOOST_AUTO_TEST_CASE(a_connection_serves_several_requests) {
  TlsClient client(path);
  BOOST_REQUIRE(client.shaken);
  BOOST_TEST(client.common_name() == "first");
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(client.exchange(kGet).ends_with("GET / []"));
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_sent_nothing_is_evicted_before_an_older_one_in_its_handshake) {
  net::ServerLimits limits = RunningServer::short_limits();
  limits.max_connections = 2;
  limits.header_timeout = std::chrono::seconds(30);
  RunningServer server(echo(), limits);
  server.use_tls(files.load());
  Client begun(server.path);
  begun.send("\x16\x03\x01");  // of a ClientHello
  BOOST_REQUIRE(server.reaches_connections(1));
  std::this_thread::sleep_for(2 * net::ServerLimits().eviction_grace);
  Client silent(server.path);
  BOOST_REQUIRE(server.reaches_connections(2));
  TlsClient good(server.path);
  BOOST_TEST(good.exchange(kGet).ends_with("GET / []"));
  BOOST_TEST(silent.closed());
  BOOST_TEST(!begun.readable(0));
}

BOOST_AUTO_TEST_CASE(handshakes_that_begin_together_all_succeed) {
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&] {
      TlsClient client(path);
      if (client.exchange(kGet).ends_with("GET / []")) ++answered;
    });
  for (std::thread& thread : threads)
    thread.join();
  BOOST_TEST(answered == 12);
}

BOOST_AUTO_TEST_CASE(a_body_of_several_kilobytes_is_echoed) {
  TlsClient client(path);
  const std::string body(9000, 'x');
  const std::string answer =
      client.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + body);
  BOOST_TEST(answer.ends_with("[" + body + "]"));
}

BOOST_AUTO_TEST_CASE(close_notify_is_sent_before_the_connection_is_closed) {
  TlsClient client(path);
  client.exchange("NONSENSE\r\n\r\n");
  BOOST_TEST(client.received_close_notify);
}

BOOST_AUTO_TEST_CASE(versions_1_2_and_1_3_are_supported) {
  TlsClient newest(path);
  BOOST_TEST(newest.version() == "TLSv1.3");
  TlsClient older(path, TLS1_2_VERSION);
  BOOST_TEST(older.shaken);
  BOOST_TEST(older.version() == "TLSv1.2");
}

BOOST_AUTO_TEST_CASE(of_version_1_2_only_ciphers_with_forward_secrecy_and_without_cbc_are_supported) {
  BOOST_TEST(TlsClient(path, TLS1_2_VERSION, "ECDHE+AESGCM").shaken);
  for (const char* const ciphers :
       {"kRSA+AESGCM", "kRSA+AES", "ECDHE+AES+SHA1", "ECDHE+AES+SHA256", "ECDHE+AES+SHA384"})
    BOOST_TEST(!TlsClient(path, TLS1_2_VERSION, ciphers).shaken, ciphers);
}

BOOST_AUTO_TEST_CASE(version_1_1_is_refused_at_any_security_level) {
  const auto identity = files.load();
  SSL_CTX_set_security_level(identity->context.native_handle(), 0);
  use_tls(identity);
  TlsClient client(path, TLS1_1_VERSION);
  BOOST_TEST(!client.shaken);
  BOOST_TEST(reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(a_new_certificate_is_used_for_new_connections_only) {
  TlsClient before(path);
  BOOST_REQUIRE(before.shaken);
  const TlsFiles second("second");
  use_tls(second.load());
  TlsClient after(path);
  BOOST_TEST(after.common_name() == "second");
  BOOST_TEST(before.exchange(kGet).ends_with("GET / []"));
}

BOOST_AUTO_TEST_CASE(a_handshake_that_is_not_finished_times_out) {
  Client silent(path);
  Client halfway(path);
  halfway.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  BOOST_TEST(silent.closed());
  BOOST_TEST(halfway.closed());
}

BOOST_AUTO_TEST_CASE(a_plain_http_client_is_not_served) {
  Client client(path);
  client.send(kGet);
  BOOST_TEST(client.read_all().find("HTTP/1.1 200") == std::string::npos);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_during_the_handshake_leaves_no_connection) {
  {
    Client client(path);
    client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  BOOST_TEST(reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_that_stays_open_is_evicted_at_once) {
  net::ServerLimits limits = short_limits();
  limits.max_connections = 2;
  limits.header_timeout = limits.body_timeout = std::chrono::seconds(30);
  RunningServer small(echo(), limits);
  small.use_tls(files.load());
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<TlsClient>> refused;
  for (int i = 0; i < 12; ++i) {
    refused.push_back(std::make_unique<TlsClient>(small.path));
    BOOST_TEST(refused.back()->exchange("NONSENSE\r\n\r\n").starts_with("HTTP/1.1 400"));
    BOOST_TEST(refused.back()->received_close_notify);
  }
  TlsClient good(small.path);
  BOOST_TEST(good.exchange(kGet).ends_with("GET / []"));
  // Without other clients each of them lingers for more than a second.
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(3)));
}

BOOST_AUTO_TEST_CASE(stopping_closes_idle_connections) {
  TlsClient client(path);
  BOOST_REQUIRE(client.exchange(kGet).ends_with("GET / []"));
  stop();
  BOOST_TEST(reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(the_error_for_a_missing_certificate_names_the_file) {
  BOOST_TEST(error_of("/nowhere.pem", files.key_file).starts_with("TLS_CERTIFICATE: /nowhere.pem"));
}

BOOST_AUTO_TEST_CASE(the_error_for_a_malformed_key_names_the_file) {
  const std::string error = error_of(files.certificate_file, files.certificate_file);
  BOOST_TEST(error.starts_with("TLS_KEY: " + files.certificate_file), error);
}

BOOST_AUTO_TEST_CASE(a_key_of_another_certificate_is_refused) {
  const TlsFiles other("other");
  BOOST_TEST(error_of(files.certificate_file, other.key_file).starts_with("TLS_KEY: "));
}

BOOST_AUTO_TEST_CASE(the_dates_of_a_certificate_are_known) {
  const auto identity = net::load_tls_identity(files.certificate_file, files.key_file);
  const net::Validity validity = net::validity_of(**identity);
  BOOST_TEST((validity.from != kNoWall));
  BOOST_TEST((validity.from < validity.until));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_over_not_yet_valid_or_nearly_over_is_a_problem) {
  using std::chrono::days;
  const Wall from = Wall(days(20'000));
  const net::Validity validity{from, from + days(90)};
  BOOST_TEST(net::validity_problem(validity, from + days(1)).empty());
  BOOST_TEST(net::validity_problem(validity, from + days(76)).empty());
  BOOST_TEST(net::validity_problem(validity, from - Duration(1)) == "is not valid yet");
  BOOST_TEST(net::validity_problem(validity, from + days(76) + Duration(1)) == "is over in 13 days");
  BOOST_TEST(net::validity_problem(validity, from + days(90) + Duration(1)) == "is over");
  BOOST_TEST(net::validity_problem({}, from).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
