// What changes while the listener runs: secrets, certificates, connections, and its stop.
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/tls_client.hpp"
#include "tests/unit/net/tls_files.hpp"
#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

std::string request_with(const std::string& secret) {
  return RunningListener::request(webhook_for(1),
                                  std::string(RunningListener::kJson) + "x-secret-key: " + secret + "\r\n");
}

/// A request that is answered without the store.
const std::string kOptions = "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(listener_runtime)

BOOST_AUTO_TEST_CASE(new_secrets_apply_from_the_next_request_on) {
  RunningListener listener({}, {"old"});
  Client client(listener.path);
  client.send(request_with("old"));
  BOOST_TEST(listener.read_response(client).status == 200);
  listener.with_listener([](WebhookListener& running) { running.set_secrets({"new"}); });
  client.send(request_with("new"));
  BOOST_TEST(listener.read_response(client).status == 200);
  client.send(request_with("old"));
  BOOST_TEST(listener.read_response(client).status == 401);
}

BOOST_AUTO_TEST_CASE(no_secret_is_required_after_all_were_removed) {
  RunningListener listener({}, {"old"});
  listener.with_listener([](WebhookListener& running) { running.set_secrets({}); });
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(tls_applies_from_the_next_connection_on) {
  RunningListener listener;
  Client plain(listener.path);
  plain.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.read_response(plain).status == 200);
  const TlsFiles first("first");
  listener.with_listener([&](WebhookListener& running) { running.use_tls(first.load()); });
  TlsClient secure(listener.path);
  BOOST_REQUIRE(secure.shaken);
  BOOST_TEST(secure.exchange(kOptions).starts_with("HTTP/1.1 204 "));
  plain.send(RunningListener::request(webhook_for(2)));
  BOOST_TEST(listener.read_response(plain).status == 200);
}

BOOST_AUTO_TEST_CASE(a_new_certificate_applies_from_the_next_connection_on) {
  RunningListener listener;
  for (const char* name : {"first", "second"}) {
    const TlsFiles files(name);
    listener.with_listener([&](WebhookListener& running) { running.use_tls(files.load()); });
    const TlsClient client(listener.path);
    BOOST_REQUIRE(client.shaken);
    BOOST_TEST(client.common_name() == name);
  }
}

BOOST_AUTO_TEST_CASE(a_webhook_that_is_being_stored_is_answered_after_stop) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_REQUIRE(listener.reaches_waiting(1));
  listener.with_listener([](WebhookListener& running) { running.stop(); });
  const WebhookResponse response = listener.read_response(client);
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.head.find("Connection: close") != std::string::npos, response.head);
}

BOOST_AUTO_TEST_CASE(stop_closes_idle_connections) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.read_response(client).status == 200);
  listener.with_listener([](WebhookListener& running) { running.stop(); });
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(connections_are_counted) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.read_response(client).status == 200);
  std::uint32_t count = 0;
  listener.with_listener([&](WebhookListener& running) { count = running.connections(); });
  BOOST_TEST(count == 1U);
}

BOOST_AUTO_TEST_CASE(beyond_max_connections_the_one_that_has_waited_longest_is_evicted) {
  WebhookConfig config;
  config.max_connections = 2;
  RunningListener listener(config);
  Client slow(listener.path);
  slow.send("POST /webhooks/bankconnect HTTP/1.1\r\nHo");
  Client slower(listener.path);
  slower.send("POST /webhooks/bankconnect HTTP/1.1\r\nHo");
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
