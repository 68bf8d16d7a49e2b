// The JSON of webhooks and of the registration.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bankconnect/view.hpp"

namespace bankconnect::test {

namespace json = boost::json;

namespace {

constexpr Wall kTime{std::chrono::milliseconds(1763016524007)};

WebhookRecord received() {
  WebhookRecord webhook;
  webhook.number = 12;
  webhook.id = *SessionId::parse("BFB98AC5-7224-401B-A643-175235856187");
  webhook.event_name = "ENRICHMENT_NOTIFICATION";
  webhook.result = WebhookResult::accepted;
  webhook.received_at = kTime;
  webhook.last_received_at = kTime + std::chrono::seconds(1);
  webhook.count = 3;
  webhook.bytes = 812;
  webhook.sha256.fill(0xab);
  return webhook;
}

json::object shown(const WebhookRecord& webhook) {
  return json::parse(webhook_json(webhook)).as_object();
}

Registration registered() {
  Registration registration;
  registration.webhook_url = "https://lender.example/a\"b";
  registration.webhook_mode = "1";
  registration.at = kTime;
  registration.http_status = 200;
  return registration;
}

json::object shown(const Registration& registration) {
  return json::parse(registration_json(registration)).as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhooks)

BOOST_AUTO_TEST_CASE(a_webhook_has_the_documented_fields_and_no_other) {
  const json::value expected = {{"session_id", "bfb98ac5-7224-401b-a643-175235856187"},
                                {"event_name", "ENRICHMENT_NOTIFICATION"},
                                {"result", "accepted"},
                                {"received_at", "2025-11-13T06:48:44.007Z"},
                                {"last_received_at", "2025-11-13T06:48:45.007Z"},
                                {"count", 3},
                                {"bytes", 812},
                                {"sha256",
                                 "abababababababababababababababab"
                                 "abababababababababababababababab"}};
  BOOST_TEST((json::value(shown(received())) == expected), webhook_json(received()));
}

BOOST_AUTO_TEST_CASE(a_webhook_is_one_line) {
  BOOST_TEST(webhook_json(received()).find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_event_name_is_null) {
  WebhookRecord webhook = received();
  webhook.event_name.clear();
  BOOST_TEST(shown(webhook).at("event_name").is_null());
}

BOOST_AUTO_TEST_CASE(an_event_name_with_quotes_adds_no_fields) {
  WebhookRecord webhook = received();
  webhook.event_name = "A\",\"result\":\"forged";
  BOOST_TEST(shown(webhook).at("event_name").as_string() == webhook.event_name);
  BOOST_TEST(shown(webhook).at("result").as_string() == "accepted");
}

BOOST_AUTO_TEST_CASE(every_result_is_shown_by_the_name_that_queries_use) {
  for (const WebhookResult result : {WebhookResult::accepted, WebhookResult::recorded, WebhookResult::kept}) {
    WebhookRecord webhook = received();
    webhook.result = result;
    const boost::json::object object = shown(webhook);
    const auto& text = object.at("result").as_string();
    BOOST_TEST((parse_webhook_result({text.data(), text.size()}) == result));
  }
}

BOOST_AUTO_TEST_CASE(no_registration_is_null) {
  BOOST_TEST(registration_json(std::nullopt) == "null");
}

BOOST_AUTO_TEST_CASE(an_accepted_registration_shows_url_time_and_result) {
  const json::object registration = shown(registered());
  BOOST_TEST(registration.at("webhook_url").as_string() == "https://lender.example/a\"b");
  BOOST_TEST(registration.at("at").as_string() == "2025-11-13T06:48:44.007Z");
  BOOST_TEST(registration.at("result").as_string() == "accepted");
  BOOST_TEST(registration.at("http_status").to_number<int>() == 200);
  BOOST_TEST(registration.at("message").is_null());
}

BOOST_AUTO_TEST_CASE(a_refused_registration_shows_code_and_message) {
  Registration refused = registered();
  refused.http_status = 403;
  refused.code = "ACCESS_DENIED";
  refused.message = "not yours";
  const json::object registration = shown(refused);
  BOOST_TEST(registration.at("result").as_string() == "ACCESS_DENIED");
  BOOST_TEST(registration.at("http_status").to_number<int>() == 403);
  BOOST_TEST(registration.at("message").as_string() == "not yours");
}

BOOST_AUTO_TEST_CASE(webhook_mode_is_shown_as_it_was_sent_a_number_or_a_list) {
  Registration registration = registered();
  BOOST_TEST(shown(registration).at("webhook_mode").to_number<int>() == 1);
  registration.webhook_mode = "[\"A\", \"B\"]";
  BOOST_TEST((shown(registration).at("webhook_mode") == json::value{"A", "B"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
