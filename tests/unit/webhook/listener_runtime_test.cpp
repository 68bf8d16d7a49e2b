// What changes while the listener runs: secrets, certificates, its end.
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/tls_client.hpp"
#include "tests/unit/net/tls_files.hpp"
#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

std::string keyed(const std::string& key) {
  return RunningListener::request(webhook_for(1),
                                  std::string(RunningListener::kJson) + "x-secret-key: " + key + "\r\n");
}

WebhookOptions with_secret(const std::string& secret) {
  WebhookOptions options;
  options.secrets = {secret};
  return options;
}

/// What can be answered without the store.
const std::string kOptions = "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(listener_runtime)

BOOST_AUTO_TEST_CASE(new_secrets_hold_from_the_next_request_on) {
  RunningListener listener(with_secret("old"));
  Client client(listener.path);
  client.send(keyed("old"));
  BOOST_TEST(listener.answer_to(client).status == 200);
  listener.with_listener([](WebhookListener& running) { running.set_secrets({"new"}); });
  client.send(keyed("new"));
  BOOST_TEST(listener.answer_to(client).status == 200);
  client.send(keyed("old"));
  BOOST_TEST(listener.answer_to(client).status == 401);
}

BOOST_AUTO_TEST_CASE(secrets_that_are_taken_away_are_asked_for_no_more) {
  RunningListener listener(with_secret("old"));
  listener.with_listener([](WebhookListener& running) { running.set_secrets({}); });
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(tls_is_spoken_from_the_next_connection_on) {
  RunningListener listener;
  Client plain(listener.path);
  plain.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.answer_to(plain).status == 200);
  const TlsFiles first("first");
  listener.with_listener([&](WebhookListener& running) { running.use_tls(first.load()); });
  TlsClient secure(listener.path);
  BOOST_REQUIRE(secure.shaken);
  BOOST_TEST(secure.exchange(kOptions).starts_with("HTTP/1.1 204 "));
  plain.send(RunningListener::request(webhook_for(2)));
  BOOST_TEST(listener.answer_to(plain).status == 200);
}

BOOST_AUTO_TEST_CASE(another_certificate_is_shown_from_the_next_connection_on) {
  RunningListener listener;
  for (const char* name : {"first", "second"}) {
    const TlsFiles files(name);
    listener.with_listener([&](WebhookListener& running) { running.use_tls(files.load()); });
    const TlsClient client(listener.path);
    BOOST_REQUIRE(client.shaken);
    BOOST_TEST(client.common_name() == name);
  }
}

BOOST_AUTO_TEST_CASE(stopping_answers_what_is_being_made_durable) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_REQUIRE(listener.comes_to_wait(1));
  listener.with_listener([](WebhookListener& running) { running.stop(); });
  const WebhookAnswer answer = listener.answer_to(client);
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.head.find("Connection: close") != std::string::npos, answer.head);
}

BOOST_AUTO_TEST_CASE(stopping_ends_connections_that_wait) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.answer_to(client).status == 200);
  listener.with_listener([](WebhookListener& running) { running.stop(); });
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(connections_are_counted) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_TEST(listener.answer_to(client).status == 200);
  std::uint32_t count = 0;
  listener.with_listener([&](WebhookListener& running) { count = running.connections(); });
  BOOST_TEST(count == 1U);
}

BOOST_AUTO_TEST_CASE(more_connections_than_allowed_push_out_who_waits_longest) {
  WebhookOptions options;
  options.max_connections = 2;
  RunningListener listener(options);
  Client slow(listener.path);
  slow.send("POST /webhooks/bankconnect HTTP/1.1\r\nHo");
  Client slower(listener.path);
  slower.send("POST /webhooks/bankconnect HTTP/1.1\r\nHo");
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(slow.closed());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
