// The call update_webhook: the request that is sent, and how the answer is read.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {
namespace {

namespace json = boost::json;

const std::string kUrl = "https://lender.example/webhooks/bankconnect";
const std::string kSuccess = R"({"message":"success"})";

struct RegistrationFixture : ClientFixture {
  /// The body of the last request.
  json::object sent() const {
    const std::string& request = server->requests.back();
    return json::parse(request.substr(request.find("\r\n\r\n") + 4)).as_object();
  }
  bool sent_line(const std::string& line) const {
    return server->requests.back().find("\r\n" + line + "\r\n") != std::string::npos;
  }
};

void check_fault(const RegistrationAnswer& answer, const std::string& code) {
  BOOST_TEST(answer.registration.code == code);
  BOOST_TEST(answer.registration.http_status == 0);
  BOOST_TEST(!answer.registration.message.empty());
  BOOST_TEST(answer.body.empty());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(registration, RegistrationFixture)

BOOST_AUTO_TEST_CASE(a_registration_is_posted_to_the_documented_path) {
  against({{Reply{http(200, kSuccess)}}});
  register_webhook(kUrl);
  BOOST_TEST(
      server->requests.back().starts_with("POST /bank-connect/v1/session_data/update_webhook/ HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(a_registration_carries_both_keys_and_a_json_content_type) {
  against({{Reply{http(200, kSuccess)}}});
  register_webhook(kUrl);
  for (const char* line : {"x-api-key: the-key", "server-hash: the-hash", "Content-Type: application/json",
                           "User-Agent: bankconnectd/test", "Accept-Encoding: identity"})
    BOOST_TEST(sent_line(line), line);
}

BOOST_AUTO_TEST_CASE(the_url_and_a_numeric_mode_are_sent) {
  against({{Reply{http(200, kSuccess)}}});
  register_webhook(kUrl, "3");
  BOOST_TEST((json::value(sent()) == json::value{{"webhook_url", kUrl}, {"webhook_mode", 3}}));
}

BOOST_AUTO_TEST_CASE(a_list_mode_is_sent_as_a_list) {
  against({{Reply{http(200, kSuccess)}}});
  register_webhook(kUrl, R"(["SESSION_EXPIRY_NOTIFICATION", "B"])");
  BOOST_TEST((sent().at("webhook_mode") == json::value{"SESSION_EXPIRY_NOTIFICATION", "B"}));
}

BOOST_AUTO_TEST_CASE(special_characters_in_the_url_are_escaped) {
  against({{Reply{http(200, kSuccess)}}});
  const std::string url = "https://lender.example/a\"b\\c\n,\"webhook_mode\":9";
  register_webhook(url);
  BOOST_TEST(sent().at("webhook_url").as_string() == url);
  BOOST_TEST(sent().at("webhook_mode").to_number<int>() == 1);
}

BOOST_AUTO_TEST_CASE(a_success_returns_the_answer_and_records_what_was_sent_and_when) {
  against({{Reply{http(201, "{ \"message\" : \"success\" }")}}});
  const RegistrationAnswer answer = register_webhook(kUrl, "3");
  BOOST_TEST(answer.body == "{ \"message\" : \"success\" }");
  BOOST_TEST(answer.registration.code.empty());
  BOOST_TEST(answer.registration.http_status == 201);
  BOOST_TEST(answer.registration.webhook_url == kUrl);
  BOOST_TEST(answer.registration.webhook_mode == "3");
  BOOST_TEST((answer.registration.at == kNow));
}

BOOST_AUTO_TEST_CASE(an_empty_error_member_does_not_make_a_success_a_failure) {
  against({{Reply{http(200, R"({"message":"success","error":{}})")}}});
  BOOST_TEST(register_webhook(kUrl).registration.code.empty());
}

BOOST_AUTO_TEST_CASE(an_error_code_outweighs_a_success_status) {
  against({{Reply{http(200, error_body("ACCESS_DENIED"))}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.code == "ACCESS_DENIED");
  BOOST_TEST(answer.registration.http_status == 200);
}

BOOST_AUTO_TEST_CASE(code_and_message_of_a_refusal_are_read_from_every_shape) {
  struct Row {
    int status;
    std::string body;
    std::string code;
    std::string message;
  };
  const std::vector<Row> rows = {
      {403, R"({"error":{"code":"ACCESS_DENIED","message":"no"}})", "ACCESS_DENIED", "no"},
      {400, R"({"session_id":"x","error":{"code":"BAD_URL","message":"no"}})", "BAD_URL", "no"},
      {400, R"({"statement_id":null,"error":{"code":"BAD_URL","message":"no"}})", "BAD_URL", "no"},
      {401, R"({"detail":"Invalid key."})", "HTTP_401", "Invalid key."},
      {403, R"({"detail":"You may not."})", "HTTP_403", "You may not."},
      {429, R"({"detail":"Slow down."})", "HTTP_429", "Slow down."},
      {502, R"({"message":"Endpoint request timed out"})", "HTTP_502", "Endpoint request timed out"},
      {503, "<html><body>Service Unavailable</body></html>", "HTTP_503",
       "the answer is a web page, not JSON"},
      {500, "", "HTTP_500", "the answer has no body"},
      {404, "[]", "HTTP_404", "there is nothing at this address: check upstream.base_url"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.body) {
      against({{Reply{http(row.status, row.body)}}});
      const RegistrationAnswer answer = register_webhook(kUrl);
      BOOST_TEST(answer.registration.code == row.code);
      BOOST_TEST(answer.registration.message == row.message);
      BOOST_TEST(answer.registration.http_status == row.status);
      BOOST_TEST(answer.body == row.body);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_2xx_answer_that_is_no_json_object_is_no_success) {
  for (const char* body : {"<html>Welcome to the proxy</html>", "OK", "[]"}) {
    against({{Reply{http(200, body)}}});
    BOOST_TEST(!register_webhook(kUrl).registration.code.empty(), body);
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_is_a_refusal_and_is_not_followed) {
  against({{Reply{http(301, "", "Location: https://elsewhere.example/\r\n")}}});
  BOOST_TEST(register_webhook(kUrl).registration.code == "HTTP_301");
  BOOST_TEST(server->requests.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_account_number_in_a_message_is_masked) {
  against({{Reply{http(400, R"({"error":{"code":"X","message":"account 123456789012 is odd"}})")}}});
  BOOST_TEST(register_webhook(kUrl).registration.message.find("123456789012") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_overlong_refusal_is_judged_by_its_status_alone) {
  const std::string body =
      R"({"error":{"code":"X","message":"m"},"more":")" + std::string(100'000, 'x') + "\"}";
  against({{Reply{http(400, body)}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.code == "HTTP_400");
  BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(an_overlong_success_is_refused_as_response_too_large) {
  against({{Reply{http(200, R"({"message":"success","more":")" + std::string(100'000, 'x') + "\"}")}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.code == "RESPONSE_TOO_LARGE");
  BOOST_TEST(answer.registration.http_status == 200);
  BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(an_encoded_success_is_refused_as_unexpected_body) {
  against({{Reply{http(200, kSuccess, "Content-Encoding: gzip\r\n")}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.code == "UNEXPECTED_BODY");
  BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(an_encoded_refusal_is_judged_by_its_status_alone) {
  against({{Reply{http(403, "\x1f\x8b", "Content-Encoding: gzip\r\n")}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.code == "HTTP_403");
  BOOST_TEST(answer.registration.message ==
             "the answer is encoded as gzip, and is no complete data of that kind");
  BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(a_success_with_content_encoding_identity_is_accepted) {
  against({{Reply{http(200, kSuccess, "Content-Encoding: Identity\r\n")}}});
  BOOST_TEST(register_webhook(kUrl).registration.code.empty());
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_reported) {
  serve({{}});
  start_client();
  server.reset();
  settle();
  check_fault(register_webhook(kUrl), "CONNECTION_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_reset_connection_is_reported) {
  against({{Reply{"", Reply::Then::reset}}});
  check_fault(register_webhook(kUrl), "CONNECTION_RESET");
}

BOOST_AUTO_TEST_CASE(a_missing_answer_is_reported_as_timeout) {
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"", Reply::Then::stall}}});
  check_fault(register_webhook(kUrl), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_sent_byte_by_byte_does_not_extend_the_deadline) {
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Reply::Then::dribble}}});
  check_fault(register_webhook(kUrl), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_over_the_size_limit_is_reported) {
  config.max_response_size = 1000;
  against({{Reply{http(200, std::string(1001, 'x')), Reply::Then::close}}});
  check_fault(register_webhook(kUrl), "RESPONSE_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(no_error_message_contains_the_api_key) {
  against({{Reply{"x-api-key: the-key\r\n\r\n", Reply::Then::close}}});
  const RegistrationAnswer answer = register_webhook(kUrl);
  BOOST_TEST(answer.registration.message.find("the-key") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_registration_succeeds_when_an_idle_connection_has_died) {
  against({{Reply{http(200, kProcessing)}, Reply{"", Reply::Then::close}}, {Reply{http(200, kSuccess)}}});
  ask(Call::progress);
  BOOST_TEST(register_webhook(kUrl).registration.code.empty());
  BOOST_TEST(server->connections == 2U);
}

BOOST_AUTO_TEST_CASE(the_connection_of_a_registration_is_reused) {
  against({{Reply{http(200, kSuccess)}, Reply{http(200, kProcessing)}}});
  register_webhook(kUrl);
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
