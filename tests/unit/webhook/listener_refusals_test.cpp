// Webhooks that are refused: by path, method, secret, type, size and content, in this order.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;

const std::vector<std::string> kSecrets = {"old", "new"};

std::string error_body(const std::string& code, const std::string& message) {
  return "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}";
}

/// The fields of a webhook with this secret.
std::string with_secret(const std::string& secret) {
  return std::string(RunningListener::kJson) + "x-secret-key: " + secret + "\r\n";
}

const std::string kToAnotherPath = "POST /elsewhere HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(listener_refusals)

BOOST_AUTO_TEST_CASE(another_path_is_404) {
  RunningListener listener;
  const WebhookResponse response = listener.exchange(kToAnotherPath);
  BOOST_TEST(response.status == 404);
  BOOST_TEST(response.body == error_body("NO_SUCH_ENDPOINT", "there is nothing here"));
}

BOOST_DATA_TEST_CASE(a_similar_path_is_404,
                     data::make({"/", "/webhooks", "/webhooks/bankconnect//", "/webhooks/bankconnect/x",
                                 "//webhooks/bankconnect", "/Webhooks/bankconnect",
                                 "/webhooks/../webhooks/bankconnect", "/webhooks-bankconnect"}),
                     target) {
  RunningListener listener;
  BOOST_TEST(listener.exchange(RunningListener::request("{}", "", target)).status == 404);
}

BOOST_AUTO_TEST_CASE(a_final_slash_more_or_less_is_the_same_path) {
  WebhookConfig with_slash;
  with_slash.path = "/hooks/";
  for (const char* target : {"/hooks", "/hooks/"}) {
    RunningListener listener(with_slash);
    BOOST_TEST(
        listener.exchange(RunningListener::request(webhook_for(1), RunningListener::kJson, target)).status ==
            200,
        target);
  }
}

BOOST_AUTO_TEST_CASE(a_path_with_an_escaped_slash_is_400) {
  RunningListener listener;
  BOOST_TEST(listener.exchange(RunningListener::request("{}", "", "/webhooks%2Fbankconnect")).status == 400);
}

BOOST_AUTO_TEST_CASE(the_path_is_configurable) {
  WebhookConfig config;
  config.path = "/hooks";
  RunningListener listener(config);
  BOOST_TEST(
      listener.exchange(RunningListener::request(webhook_for(1), RunningListener::kJson, "/hooks")).status ==
      200);
  BOOST_TEST(listener.post(webhook_for(1)).status == 404);
}

BOOST_AUTO_TEST_CASE(a_query_does_not_change_the_path) {
  RunningListener listener;
  const std::string target = "/webhooks/bankconnect?from=proxy";
  BOOST_TEST(
      listener.exchange(RunningListener::request(webhook_for(1), RunningListener::kJson, target)).status ==
      200);
}

BOOST_DATA_TEST_CASE(another_method_is_405_and_allow_names_those_there_are,
                     data::make({"GET", "PUT", "DELETE", "PATCH", "TRACE"}), method) {
  RunningListener listener;
  const WebhookResponse response =
      listener.exchange(std::string(method) + " /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(response.status == 405);
  BOOST_TEST(response.head.find("Allow: OPTIONS, POST\r\n") != std::string::npos, response.head);
  BOOST_TEST(response.body == error_body("METHOD_NOT_ALLOWED", "webhooks are sent by POST"));
}

BOOST_AUTO_TEST_CASE(head_is_405_without_a_body) {
  RunningListener listener;
  Client client(listener.path);
  client.send("HEAD /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string response = client.read_all();
  BOOST_TEST(response.starts_with("HTTP/1.1 405 "), response);
  BOOST_TEST(response.ends_with("\r\n\r\n"), response);
}

BOOST_DATA_TEST_CASE(options_lists_the_methods_without_a_secret, data::make({"/webhooks/bankconnect", "*"}),
                     target) {
  RunningListener listener({}, kSecrets);
  const WebhookResponse response =
      listener.exchange("OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(response.status == 204);
  BOOST_TEST(response.head.find("Allow: OPTIONS, POST\r\n") != std::string::npos, response.head);
}

BOOST_DATA_TEST_CASE(each_secret_is_accepted, data::make(kSecrets), secret) {
  RunningListener listener({}, kSecrets);
  BOOST_TEST(listener.post(webhook_for(1), with_secret(secret)).status == 200);
}

BOOST_DATA_TEST_CASE(a_wrong_secret_is_401,
                     data::make({"", "ol", "older", "OLD", "old, new", "oldnew", "\"old\""}), secret) {
  RunningListener listener({}, kSecrets);
  const WebhookResponse response = listener.post(webhook_for(1), with_secret(secret));
  BOOST_TEST(response.status == 401);
  BOOST_TEST(response.body == error_body("UNAUTHORIZED", "x-secret-key is missing or wrong"));
}

BOOST_AUTO_TEST_CASE(a_missing_secret_is_401) {
  RunningListener listener({}, kSecrets);
  BOOST_TEST(listener.post(webhook_for(1)).status == 401);
  BOOST_TEST(listener.last_seen().result == "UNAUTHORIZED");
}

BOOST_AUTO_TEST_CASE(two_secrets_are_401_even_when_both_are_right) {
  RunningListener listener({}, kSecrets);
  BOOST_TEST(listener.post(webhook_for(1), with_secret("old") + "X-Secret-Key: old\r\n").status == 401);
  BOOST_TEST(listener.post(webhook_for(1), with_secret("old") + "x-secret-key: wrong\r\n").status == 401);
}

BOOST_AUTO_TEST_CASE(without_configured_secrets_any_value_is_accepted) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1), with_secret("whatever")).status == 200);
}

BOOST_AUTO_TEST_CASE(a_request_without_the_secret_gets_no_100_continue) {
  RunningListener listener({}, kSecrets);
  const WebhookResponse response = listener.exchange(
      "POST /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: "
      "100-continue\r\n\r\n");
  BOOST_TEST(response.status == 401);
}

BOOST_AUTO_TEST_CASE(a_request_without_the_secret_is_401_whatever_its_type_and_size) {
  RunningListener listener({}, kSecrets);
  BOOST_TEST(listener.post("x", "Content-Type: text/plain\r\n").status == 401);
  BOOST_TEST(listener.post(std::string(2 << 20, 'x')).status == 401);
}

BOOST_DATA_TEST_CASE(
    every_type_that_means_json_is_accepted,
    data::make({"", "Content-Type: application/json\r\n", "Content-Type: Application/JSON; charset=utf-8\r\n",
                "Content-Type: application/vnd.finbox+json\r\n", "Content-Encoding: identity\r\n"}),
    fields) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1), fields).status == 200);
}

BOOST_DATA_TEST_CASE(another_type_is_415,
                     data::make({"Content-Type: text/plain\r\n",
                                 "Content-Type: application/x-www-form-urlencoded\r\n",
                                 "Content-Type: application/jsonx\r\n",
                                 "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"}),
                     fields) {
  RunningListener listener;
  const WebhookResponse response = listener.post(webhook_for(1), fields);
  BOOST_TEST(response.status == 415);
  BOOST_TEST(response.body == error_body("UNSUPPORTED_MEDIA_TYPE", "send application/json, not encoded"));
}

BOOST_AUTO_TEST_CASE(a_body_too_large_is_413) {
  RunningListener listener;
  const WebhookResponse response = listener.post("{\"x\":\"" + std::string(1 << 20, 'x') + "\"}");
  BOOST_TEST(response.status == 413);
  BOOST_TEST(response.body == error_body("PAYLOAD_TOO_LARGE", "the body is larger than allowed"));
}

BOOST_AUTO_TEST_CASE(a_body_of_exactly_the_allowed_size_is_accepted) {
  WebhookConfig config;
  config.max_body_size = 200;
  RunningListener listener(config);
  std::string body = webhook_for(1);
  body += std::string(200 - body.size(), ' ');
  BOOST_TEST(listener.post(body).status == 200);
  BOOST_TEST(listener.post(body + " ").status == 413);
}

BOOST_AUTO_TEST_CASE(a_bad_body_is_400_with_what_is_wrong) {
  RunningListener listener;
  const WebhookResponse response = listener.post("{}");
  BOOST_TEST(response.status == 400);
  BOOST_TEST(response.body == error_body("BAD_REQUEST", "the body has no \\\"session_id\\\""));
}

BOOST_DATA_TEST_CASE(nothing_of_a_bad_body_is_stored_reported_or_sent_back,
                     data::make({"marker", "{\"session_id\":\"marker\",\"event_name\":\"marker\"}",
                                 "{\"marker\":\"marker\"}", "{\"event_name\":\"marker\",\"session_id\":5}",
                                 "[\"marker\"]"}),
                     body) {
  RunningListener listener;
  const WebhookResponse response = listener.post(body);
  BOOST_TEST(response.status == 400);
  BOOST_TEST((response.head + response.body).find("marker") == std::string::npos);
  const WebhookSeen seen = listener.last_seen();
  BOOST_TEST(seen.result == "BAD_REQUEST");
  BOOST_TEST(seen.event_name.empty());
  BOOST_TEST(!seen.id.has_value());
  BOOST_TEST(seen.bytes == std::string(body).size());
  BOOST_TEST(listener.on_loop_get<bool>([&] { return listener.world.store.webhooks.empty(); }));
}

BOOST_AUTO_TEST_CASE(a_refusal_by_the_header_is_reported_once) {
  RunningListener listener;
  listener.exchange(kToAnotherPath);
  BOOST_TEST(listener.seen().size() == 1U);
  BOOST_TEST(listener.last_seen().status == 404);
  BOOST_TEST(listener.last_seen().result == "NO_SUCH_ENDPOINT");
}

BOOST_AUTO_TEST_CASE(every_refusal_ends_the_connection) {
  RunningListener listener;
  for (const std::string& bytes : {kToAnotherPath, RunningListener::request("{}"),
                                   RunningListener::request("x", "Content-Type: text/plain\r\n")}) {
    Client client(listener.path);
    client.send(bytes + RunningListener::request(webhook_for(1)));
    const std::string response = client.read_all();
    BOOST_TEST(response.find("HTTP/1.1 200") == std::string::npos, response);
    BOOST_TEST(client.closed());
  }
  BOOST_TEST(listener.on_loop_get<bool>([&] { return listener.world.store.waiting() == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
