// Webhooks that are refused: by path, method, secret, type, size and content, in this order.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;

WebhookOptions with_secrets() {
  WebhookOptions options;
  options.secrets = {"old", "new"};
  return options;
}

std::string error_body(const std::string& code, const std::string& message) {
  return "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}";
}

std::string with_key(const std::string& key) {
  return std::string(RunningListener::kJson) + "x-secret-key: " + key + "\r\n";
}

const std::string kSomewhereElse = "POST /elsewhere HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(listener_refusals)

BOOST_AUTO_TEST_CASE(another_path_is_404) {
  RunningListener listener;
  const WebhookAnswer answer = listener.exchange(kSomewhereElse);
  BOOST_TEST(answer.status == 404);
  BOOST_TEST(answer.body == error_body("NO_SUCH_ENDPOINT", "there is nothing here"));
}

BOOST_DATA_TEST_CASE(a_path_that_only_resembles_is_404,
                     data::make({"/", "/webhooks", "/webhooks/bankconnect/", "/webhooks/bankconnect/x",
                                 "//webhooks/bankconnect", "/Webhooks/bankconnect",
                                 "/webhooks/../webhooks/bankconnect", "/webhooks-bankconnect"}),
                     target) {
  RunningListener listener;
  BOOST_TEST(listener.exchange(RunningListener::request("{}", "", target)).status == 404);
}

BOOST_AUTO_TEST_CASE(an_escaped_slash_is_no_path_at_all) {
  RunningListener listener;
  BOOST_TEST(listener.exchange(RunningListener::request("{}", "", "/webhooks%2Fbankconnect")).status == 400);
}

BOOST_AUTO_TEST_CASE(the_path_is_configurable) {
  WebhookOptions options;
  options.path = "/hooks";
  RunningListener listener(options);
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

BOOST_DATA_TEST_CASE(another_method_is_405_and_told_which_would_do,
                     data::make({"GET", "PUT", "DELETE", "PATCH", "TRACE"}), method) {
  RunningListener listener;
  const WebhookAnswer answer =
      listener.exchange(std::string(method) + " /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(answer.status == 405);
  BOOST_TEST(answer.head.find("Allow: OPTIONS, POST\r\n") != std::string::npos, answer.head);
  BOOST_TEST(answer.body == error_body("METHOD_NOT_ALLOWED", "webhooks are sent by POST"));
}

BOOST_AUTO_TEST_CASE(head_is_405_without_a_body) {
  RunningListener listener;
  Client client(listener.path);
  client.send("HEAD /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 405 "), answer);
  BOOST_TEST(answer.ends_with("\r\n\r\n"), answer);
}

BOOST_DATA_TEST_CASE(options_tells_what_may_be_done, data::make({"/webhooks/bankconnect", "*"}), target) {
  RunningListener listener(with_secrets());
  const WebhookAnswer answer =
      listener.exchange("OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(answer.status == 204);
  BOOST_TEST(answer.head.find("Allow: OPTIONS, POST\r\n") != std::string::npos, answer.head);
}

BOOST_DATA_TEST_CASE(each_secret_is_accepted, data::make({"old", "new"}), key) {
  RunningListener listener(with_secrets());
  BOOST_TEST(listener.post(webhook_for(1), with_key(key)).status == 200);
}

BOOST_DATA_TEST_CASE(a_wrong_secret_is_401,
                     data::make({"", "ol", "older", "OLD", "old, new", "oldnew", "\"old\""}), key) {
  RunningListener listener(with_secrets());
  const WebhookAnswer answer = listener.post(webhook_for(1), with_key(key));
  BOOST_TEST(answer.status == 401);
  BOOST_TEST(answer.body == error_body("UNAUTHORIZED", "x-secret-key is missing or wrong"));
}

BOOST_AUTO_TEST_CASE(a_missing_secret_is_401) {
  RunningListener listener(with_secrets());
  BOOST_TEST(listener.post(webhook_for(1)).status == 401);
  BOOST_TEST(listener.last_seen().result == "UNAUTHORIZED");
}

BOOST_AUTO_TEST_CASE(two_secrets_are_401_even_when_both_are_right) {
  RunningListener listener(with_secrets());
  BOOST_TEST(listener.post(webhook_for(1), with_key("old") + "X-Secret-Key: old\r\n").status == 401);
  BOOST_TEST(listener.post(webhook_for(1), with_key("old") + "x-secret-key: wrong\r\n").status == 401);
}

BOOST_AUTO_TEST_CASE(without_configured_secrets_any_is_accepted) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1), with_key("whatever")).status == 200);
}

BOOST_AUTO_TEST_CASE(who_does_not_know_the_secret_is_not_told_to_send_the_body) {
  RunningListener listener(with_secrets());
  const WebhookAnswer answer = listener.exchange(
      "POST /webhooks/bankconnect HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: "
      "100-continue\r\n\r\n");
  BOOST_TEST(answer.status == 401);
}

BOOST_AUTO_TEST_CASE(who_does_not_know_the_secret_learns_neither_type_nor_size) {
  RunningListener listener(with_secrets());
  BOOST_TEST(listener.post("x", "Content-Type: text/plain\r\n").status == 401);
  BOOST_TEST(listener.post(std::string(2 << 20, 'x')).status == 401);
}

BOOST_DATA_TEST_CASE(
    json_may_be_called_by_its_names,
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
  const WebhookAnswer answer = listener.post(webhook_for(1), fields);
  BOOST_TEST(answer.status == 415);
  BOOST_TEST(answer.body == error_body("UNSUPPORTED_MEDIA_TYPE", "send application/json, not encoded"));
}

BOOST_AUTO_TEST_CASE(a_body_too_large_is_413) {
  RunningListener listener;
  const WebhookAnswer answer = listener.post("{\"x\":\"" + std::string(1 << 20, 'x') + "\"}");
  BOOST_TEST(answer.status == 413);
  BOOST_TEST(answer.body == error_body("PAYLOAD_TOO_LARGE", "the body is larger than allowed"));
}

BOOST_AUTO_TEST_CASE(a_body_as_large_as_allowed_is_taken) {
  WebhookOptions options;
  options.max_body_size = 200;
  RunningListener listener(options);
  std::string body = webhook_for(1);
  body += std::string(200 - body.size(), ' ');
  BOOST_TEST(listener.post(body).status == 200);
  BOOST_TEST(listener.post(body + " ").status == 413);
}

BOOST_AUTO_TEST_CASE(a_bad_body_is_400_and_says_what_is_wrong) {
  RunningListener listener;
  const WebhookAnswer answer = listener.post("{}");
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.body == error_body("BAD_REQUEST", "the body has no \\\"session_id\\\""));
}

BOOST_DATA_TEST_CASE(nothing_of_a_bad_body_is_stored_noted_or_told,
                     data::make({"marker", "{\"session_id\":\"marker\",\"event_name\":\"marker\"}",
                                 "{\"marker\":\"marker\"}", "{\"event_name\":\"marker\",\"session_id\":5}",
                                 "[\"marker\"]"}),
                     body) {
  RunningListener listener;
  const WebhookAnswer answer = listener.post(body);
  BOOST_TEST(answer.status == 400);
  BOOST_TEST((answer.head + answer.body).find("marker") == std::string::npos);
  const WebhookSeen seen = listener.last_seen();
  BOOST_TEST(seen.result == "BAD_REQUEST");
  BOOST_TEST(seen.event_name.empty());
  BOOST_TEST(!seen.id.has_value());
  BOOST_TEST(seen.bytes == std::string(body).size());
  BOOST_TEST(listener.on_loop_get<bool>([&] { return listener.world.store.hints.empty(); }));
}

BOOST_AUTO_TEST_CASE(a_refusal_by_the_header_is_noted_once) {
  RunningListener listener;
  listener.exchange(kSomewhereElse);
  BOOST_TEST(listener.seen().size() == 1U);
  BOOST_TEST(listener.last_seen().status == 404);
  BOOST_TEST(listener.last_seen().result == "NO_SUCH_ENDPOINT");
}

BOOST_AUTO_TEST_CASE(every_refusal_ends_the_connection) {
  RunningListener listener;
  for (const std::string& bytes : {kSomewhereElse, RunningListener::request("{}"),
                                   RunningListener::request("x", "Content-Type: text/plain\r\n")}) {
    Client client(listener.path);
    client.send(bytes + RunningListener::request(webhook_for(1)));
    const std::string answer = client.read_all();
    BOOST_TEST(answer.find("HTTP/1.1 200") == std::string::npos, answer);
    BOOST_TEST(client.closed());
  }
  BOOST_TEST(listener.on_loop_get<bool>([&] { return listener.world.store.waiting() == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
