// POST /v1/register-webhook: BankConnect's answer is passed on.
#include <boost/test/unit_test.hpp>

#include "src/daemon/single_flight.hpp"
#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct Registering : RunningControl {
  HttpResponse register_webhook() const { return call("POST", "/v1/register-webhook"); }

  void set_accepted(const std::string& body) {
    RegistrationAnswer answer;
    answer.registration.http_status = 200;
    answer.body = body;
    registration = answer;
  }
  void set_refused(int http_status, const std::string& body, const std::string& code = "ACCESS_DENIED") {
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

BOOST_AUTO_TEST_CASE(registering_without_a_configured_url_is_409) {
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 409);
  BOOST_TEST(response.error_code() == "WEBHOOK_NOT_CONFIGURED");
}

BOOST_AUTO_TEST_CASE(a_success_returns_the_bytes_of_bankconnects_answer) {
  const std::string sent = "{ \"message\" : \"success\", \"big\": 1E400 }";
  set_accepted(sent);
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.body == sent);
  BOOST_TEST(response.headers.find("Content-Type: application/json") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_success_without_a_body_returns_an_empty_object) {
  set_accepted("");
  BOOST_TEST(register_webhook().object().empty());
}

BOOST_AUTO_TEST_CASE(a_response_of_type_json_is_json_whatever_bankconnect_sent) {
  set_accepted("<html>welcome</html>");
  const HttpResponse response = register_webhook();
  boost::system::error_code ec;
  json::parse(response.body, ec);
  const bool type_is_json = response.headers.find("application/json") != std::string::npos;
  BOOST_TEST((!type_is_json || !ec), response.headers << response.body);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_502_with_bankconnects_code_and_message) {
  set_refused(403, "{}");
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 502);
  BOOST_TEST(response.error_code() == "ACCESS_DENIED");
  BOOST_TEST(text_of(response.object().at("error").at("message")) == "not yours");
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_bankconnects_status_and_body) {
  set_refused(403, "{\"error\":{\"code\":\"ACCESS_DENIED\",\"hint\":[1,2]}}");
  const json::object upstream = register_webhook().object().at("upstream").as_object();
  BOOST_TEST(upstream.at("http_status").to_number<int>() == 403);
  BOOST_TEST((upstream.at("body") == json::parse("{\"error\":{\"code\":\"ACCESS_DENIED\",\"hint\":[1,2]}}")));
}

BOOST_AUTO_TEST_CASE(a_refusal_whose_body_is_not_json_shows_it_as_text) {
  set_refused(502, "<html>Bad Gateway</html>", "HTTP_502");
  const json::object upstream = register_webhook().object().at("upstream").as_object();
  BOOST_TEST(text_of(upstream.at("body")) == "<html>Bad Gateway</html>");
}

BOOST_AUTO_TEST_CASE(a_refusal_with_any_bytes_in_its_body_is_valid_json) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes.push_back(static_cast<char>(i));
  set_refused(500, bytes, "HTTP_500");
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 502);
  BOOST_TEST(response.error_code() == "HTTP_500");
}

BOOST_AUTO_TEST_CASE(a_refusal_with_a_deeply_nested_body_is_reported) {
  set_refused(500, std::string(60'000, '['), "HTTP_500");
  BOOST_TEST(register_webhook().error_code() == "HTTP_500");
}

BOOST_AUTO_TEST_CASE(a_registration_without_an_answer_is_502) {
  set_refused(0, "", "CONNECTION_REFUSED");
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 502);
  BOOST_TEST(response.error_code() == "CONNECTION_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_registration_that_cannot_be_stored_is_503) {
  registration = Error{ErrorCode::store_unavailable, "the disk is full"};
  const HttpResponse response = register_webhook();
  BOOST_TEST(response.status == 503);
  BOOST_TEST(response.error_code() == "STORE_UNAVAILABLE");
}

BOOST_AUTO_TEST_CASE(get_of_register_webhook_is_405) {
  set_accepted("{}");
  BOOST_TEST(get("/v1/register-webhook").status == 405);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(single_flight)

/// Operations that were begun and have no result yet.
struct Flights {
  void join() {
    flight.join([this](int result) { results.push_back(result); },
                [this](std::function<void(int)> done) { begun.push_back(std::move(done)); });
  }

  daemon::SingleFlight<int> flight;
  std::vector<std::function<void(int)>> begun;
  std::vector<int> results;
};

BOOST_FIXTURE_TEST_CASE(callers_that_come_during_an_operation_all_get_its_result, Flights) {
  for (int i = 0; i < 150; ++i)
    join();
  BOOST_TEST(begun.size() == 1U);
  BOOST_TEST(results.empty());
  begun.front()(7);
  BOOST_TEST(begun.size() == 1U);
  BOOST_TEST(results == std::vector<int>(150, 7), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_caller_that_comes_after_the_result_begins_another_operation, Flights) {
  for (const int result : {1, 2, 3}) {
    join();
    begun.back()(result);
  }
  BOOST_TEST(begun.size() == 3U);
  BOOST_TEST(results == (std::vector<int>{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_join_again, Flights) {
  flight.join([this](int) { join(); },
              [this](std::function<void(int)> done) { begun.push_back(std::move(done)); });
  begun.front()(1);
  BOOST_TEST_REQUIRE(begun.size() == 2U);
  begun.back()(2);
  BOOST_TEST(results == std::vector<int>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
