// GET /v1/webhooks: the webhooks that were received, newest first, without their bodies.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/unit/control/running_control.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// Nine webhooks, one a second, for a followed session, a final one and one that was not submitted in turn.
struct NineWebhooks : RunningControl {
  NineWebhooks() {
    submit_id(uuid(0));
    submit_id(uuid(1));
    SessionWrite ended;
    ended.id = *SessionId::parse(uuid(1));
    ended.durable.state = State::failed;
    ended.durable.final = true;
    write(std::move(ended));
    for (std::uint32_t i = 0; i < 9; ++i)
      store_webhook(
          hint_of(*SessionId::parse(uuid(i % 3)), "{\"a-body\":" + std::to_string(i) + "}", kThen + i * 1s));
  }
  json::array listed(const std::string& query = "") const {
    return get("/v1/webhooks" + query).object().at("webhooks").as_array();
  }
};

std::string time_at(std::size_t second) {
  return "2024-10-04T00:00:0" + std::to_string(second) + ".000Z";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhooks, NineWebhooks)

BOOST_AUTO_TEST_CASE(the_response_is_json_with_a_list_and_a_cursor) {
  const HttpResponse response = get("/v1/webhooks");
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.headers.find("Content-Type: application/json") != std::string::npos);
  BOOST_TEST(response.object().size() == 2U);
  BOOST_TEST(response.object().at("next").is_null());
}

BOOST_AUTO_TEST_CASE(a_webhook_has_its_documented_fields_and_no_body) {
  const std::set<std::string> documented = {"session_id",       "event_name", "result", "received_at",
                                            "last_received_at", "count",      "bytes",  "sha256"};
  std::set<std::string> shown;
  const json::array webhooks = listed();
  for (const auto& field : webhooks.at(0).as_object())
    shown.insert(std::string(field.key()));
  BOOST_TEST(shown == documented, boost::test_tools::per_element());
  BOOST_TEST(get("/v1/webhooks").body.find("a-body") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_newest_webhook_comes_first) {
  const json::array webhooks = listed();
  BOOST_REQUIRE(webhooks.size() == 9U);
  for (std::size_t i = 0; i < 9; ++i)
    BOOST_TEST(text_of(webhooks[i].at("received_at")) == time_at(8 - i));
}

BOOST_AUTO_TEST_CASE(a_webhook_that_arrived_twice_shows_both_times) {
  store_webhook(hint_of(*SessionId::parse(uuid(0)), "{\"a-body\":0}", kThen + 9s));
  const json::value first = listed().at(0);
  BOOST_TEST(first.at("count").to_number<int>() == 2);
  BOOST_TEST(text_of(first.at("received_at")) == time_at(0));
  BOOST_TEST(text_of(first.at("last_received_at")) == time_at(9));
}

BOOST_AUTO_TEST_CASE(webhooks_are_filtered_by_session_id_in_any_letter_case) {
  std::string upper = uuid(2);
  for (char& c : upper)
    c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  for (const std::string& id : {uuid(2), upper}) {
    const json::array webhooks = listed("?session_id=" + id);
    BOOST_TEST(webhooks.size() == 3U);
    for (const json::value& one : webhooks)
      BOOST_TEST(text_of(one.at("session_id")) == uuid(2));
  }
}

BOOST_AUTO_TEST_CASE(webhooks_are_filtered_by_result) {
  for (const auto& [result, id] : {std::pair("accepted", 0U), {"recorded", 1U}, {"kept", 2U}}) {
    const json::array webhooks = listed(std::string("?result=") + result);
    BOOST_TEST(webhooks.size() == 3U, result);
    for (const json::value& one : webhooks) {
      BOOST_TEST(text_of(one.at("result")) == result);
      BOOST_TEST(text_of(one.at("session_id")) == uuid(id));
    }
  }
}

BOOST_AUTO_TEST_CASE(session_id_and_result_are_combined) {
  BOOST_TEST(listed("?session_id=" + uuid(2) + "&result=kept").size() == 3U);
  BOOST_TEST(listed("?session_id=" + uuid(2) + "&result=accepted").empty());
}

BOOST_AUTO_TEST_CASE(a_session_without_webhooks_has_an_empty_list) {
  const json::object response = get("/v1/webhooks?session_id=" + uuid(77)).object();
  BOOST_TEST(response.at("webhooks").as_array().empty());
  BOOST_TEST(response.at("next").is_null());
}

BOOST_AUTO_TEST_CASE(following_the_cursor_lists_every_webhook_once) {
  std::vector<std::string> seen;
  std::string query = "?limit=2";
  for (;;) {
    const json::object page = get("/v1/webhooks" + query).object();
    BOOST_TEST(page.at("webhooks").as_array().size() <= 2U);
    for (const json::value& one : page.at("webhooks").as_array())
      seen.push_back(text_of(one.at("received_at")));
    if (page.at("next").is_null()) break;
    query = "?limit=2&after=" + text_of(page.at("next"));
  }
  BOOST_REQUIRE(seen.size() == 9U);
  for (std::size_t i = 0; i < 9; ++i)
    BOOST_TEST(seen[i] == time_at(8 - i));
}

BOOST_AUTO_TEST_CASE(a_page_has_100_webhooks_unless_limit_says_otherwise) {
  const SessionId other = *SessionId::parse(uuid(50));
  const SessionId another = *SessionId::parse(uuid(51));
  for (int i = 0; i < 60; ++i) {
    store_webhook(hint_of(other, std::to_string(i)));
    store_webhook(hint_of(another, std::to_string(i)));
  }
  BOOST_TEST(listed().size() == 100U);
  BOOST_TEST(listed("?limit=1000").size() == 129U);
}

BOOST_AUTO_TEST_CASE(unknown_parameters_and_invalid_values_are_refused) {
  for (const char* query : {"result=ACCEPTED", "result=", "result=refused", "limit=0", "limit=1001",
                            "limit=x", "limit=", "after=-1", "after=x", "colour=red", "%ff=1"}) {
    const HttpResponse response = get(std::string("/v1/webhooks?") + query);
    BOOST_TEST(response.status == 400, query);
    BOOST_TEST(response.error_code() == "BAD_REQUEST", query);
  }
}

BOOST_AUTO_TEST_CASE(a_malformed_session_id_is_400) {
  for (const char* id : {"", "7", "zzzzzzzz-1234-4abc-8def-0123456789ab"}) {
    const HttpResponse response = get(std::string("/v1/webhooks?session_id=") + id);
    BOOST_TEST(response.status == 400);
    BOOST_TEST(response.error_code() == "INVALID_SESSION_ID");
  }
}

BOOST_AUTO_TEST_CASE(erasing_a_session_erases_its_webhooks) {
  BOOST_TEST(call("DELETE", "/v1/sessions/" + uuid(0)).status == 204);
  BOOST_TEST(listed("?session_id=" + uuid(0)).empty());
  BOOST_TEST(listed().size() == 6U);
}

BOOST_AUTO_TEST_CASE(post_to_webhooks_is_405) {
  BOOST_TEST(call("POST", "/v1/webhooks").status == 405);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
