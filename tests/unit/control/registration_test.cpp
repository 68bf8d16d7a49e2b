// POST /v1/register-webhook: BankConnect's answer, handed on.
#include <boost/test/unit_test.hpp>

#include "src/daemon/joined.hpp"
#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct Registering : RunningControl {
  HttpAnswer register_webhook() const { return call("POST", "/v1/register-webhook"); }

  void accepted(const std::string& body) {
    RegistrationAnswer answer;
    answer.registration.http_status = 200;
    answer.body = body;
    registration = answer;
  }
  void refused(int http_status, const std::string& body, const std::string& code = "ACCESS_DENIED") {
    RegistrationAnswer answer;
    answer.registration.http_status = http_status;
    answer.registration.code = code;
    answer.registration.message = "not yours";
    answer.body = body;
    registration = answer;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(registration, Registering)

BOOST_AUTO_TEST_CASE(without_a_url_there_is_nothing_to_register) {
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 409);
  BOOST_TEST(answer.error_code() == "WEBHOOK_NOT_CONFIGURED");
}

BOOST_AUTO_TEST_CASE(a_success_hands_on_the_bytes_of_the_answer) {
  const std::string said = "{ \"message\" : \"success\", \"big\": 1E400 }";
  accepted(said);
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == said);
  BOOST_TEST(answer.headers.find("Content-Type: application/json") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_success_without_a_body_is_an_empty_object) {
  accepted("");
  BOOST_TEST(register_webhook().object().empty());
}

BOOST_AUTO_TEST_CASE(what_is_said_to_be_json_is_json_whatever_bankconnect_said) {
  accepted("<html>welcome</html>");
  const HttpAnswer answer = register_webhook();
  boost::system::error_code ec;
  json::parse(answer.body, ec);
  const bool said_to_be_json = answer.headers.find("application/json") != std::string::npos;
  BOOST_TEST((!said_to_be_json || !ec), answer.headers << answer.body);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_a_bad_gateway_with_bankconnects_code_and_message) {
  refused(403, "{}");
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 502);
  BOOST_TEST(answer.error_code() == "ACCESS_DENIED");
  BOOST_TEST(text_of(answer.object().at("error").at("message")) == "not yours");
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_bankconnects_status_and_body) {
  refused(403, "{\"error\":{\"code\":\"ACCESS_DENIED\",\"hint\":[1,2]}}");
  const json::object upstream = register_webhook().object().at("upstream").as_object();
  BOOST_TEST(upstream.at("http_status").to_number<int>() == 403);
  BOOST_TEST((upstream.at("body") == json::parse("{\"error\":{\"code\":\"ACCESS_DENIED\",\"hint\":[1,2]}}")));
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_json_is_shown_as_text) {
  refused(502, "<html>Bad Gateway</html>", "HTTP_502");
  const json::object upstream = register_webhook().object().at("upstream").as_object();
  BOOST_TEST(text_of(upstream.at("body")) == "<html>Bad Gateway</html>");
}

BOOST_AUTO_TEST_CASE(a_body_of_any_bytes_makes_good_json) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes.push_back(static_cast<char>(i));
  refused(500, bytes, "HTTP_500");
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 502);
  BOOST_TEST(answer.error_code() == "HTTP_500");
}

BOOST_AUTO_TEST_CASE(a_body_nested_without_end_does_no_harm) {
  refused(500, std::string(60'000, '['), "HTTP_500");
  BOOST_TEST(register_webhook().error_code() == "HTTP_500");
}

BOOST_AUTO_TEST_CASE(no_answer_at_all_is_a_bad_gateway_too) {
  refused(0, "", "CONNECTION_REFUSED");
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 502);
  BOOST_TEST(answer.error_code() == "CONNECTION_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_keep_it_is_unavailable) {
  registration = Error{"STORE_UNAVAILABLE", "the disk is full"};
  const HttpAnswer answer = register_webhook();
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.error_code() == "STORE_UNAVAILABLE");
}

BOOST_AUTO_TEST_CASE(asking_registers_nothing) {
  accepted("{}");
  BOOST_TEST(get("/v1/register-webhook").status == 405);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(joined_registrations)

/// Questions that are begun and not answered yet.
struct Asked {
  void ask() {
    joined.ask([this](int answer) { answers.push_back(answer); },
               [this](std::function<void(int)> done) { begun.push_back(std::move(done)); });
  }

  daemon::Joined<int> joined;
  std::vector<std::function<void(int)>> begun;
  std::vector<int> answers;
};

BOOST_FIXTURE_TEST_CASE(however_many_ask_one_call_is_made_and_all_get_its_answer, Asked) {
  for (int i = 0; i < 150; ++i)
    ask();
  BOOST_TEST(begun.size() == 1U);
  BOOST_TEST(answers.empty());
  begun.front()(7);
  BOOST_TEST(begun.size() == 1U);
  BOOST_TEST(answers == std::vector<int>(150, 7), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(who_asks_after_the_answer_gets_one_of_his_own, Asked) {
  for (const int answer : {1, 2, 3}) {
    ask();
    begun.back()(answer);
  }
  BOOST_TEST(begun.size() == 3U);
  BOOST_TEST(answers == (std::vector<int>{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(who_is_answered_may_ask_again, Asked) {
  joined.ask([this](int) { ask(); },
             [this](std::function<void(int)> done) { begun.push_back(std::move(done)); });
  begun.front()(1);
  BOOST_TEST_REQUIRE(begun.size() == 2U);
  begun.back()(2);
  BOOST_TEST(answers == std::vector<int>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
