// GET /v1/webhooks: what was received, newest first, bodies left out.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/unit/control/running_control.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// Nine webhooks, one a second: of a followed session, a final one and a stranger in turn.
struct Received : RunningControl {
  Received() {
    submit_id(uuid(0));
    submit_id(uuid(1));
    SessionWrite ended;
    ended.id = *SessionId::parse(uuid(1));
    ended.kept.state = State::failed;
    ended.kept.final = true;
    write(std::move(ended));
    for (std::uint32_t i = 0; i < 9; ++i)
      hint(hint_of(*SessionId::parse(uuid(i % 3)), "{\"a-body\":" + std::to_string(i) + "}", kThen + i * 1s));
  }
  json::array listed(const std::string& query = "") const {
    return get("/v1/webhooks" + query).object().at("webhooks").as_array();
  }
};

std::string moment(std::size_t second) {
  return "2024-10-04T00:00:0" + std::to_string(second) + ".000Z";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhooks, Received)

BOOST_AUTO_TEST_CASE(the_answer_is_json_with_a_list_and_a_cursor) {
  const HttpAnswer answer = get("/v1/webhooks");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.headers.find("Content-Type: application/json") != std::string::npos);
  BOOST_TEST(answer.object().size() == 2U);
  BOOST_TEST(answer.object().at("next").is_null());
}

BOOST_AUTO_TEST_CASE(a_webhook_is_shown_with_its_documented_fields_and_no_body) {
  const std::set<std::string> documented = {"session_id",       "event_name", "result", "received_at",
                                            "last_received_at", "count",      "bytes",  "sha256"};
  std::set<std::string> shown;
  const json::array hints = listed();
  for (const auto& field : hints.at(0).as_object())
    shown.insert(std::string(field.key()));
  BOOST_TEST(shown == documented, boost::test_tools::per_element());
  BOOST_TEST(get("/v1/webhooks").body.find("a-body") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_newest_comes_first) {
  const json::array hints = listed();
  BOOST_REQUIRE(hints.size() == 9U);
  for (std::size_t i = 0; i < 9; ++i)
    BOOST_TEST(text_of(hints[i].at("received_at")) == moment(8 - i));
}

BOOST_AUTO_TEST_CASE(a_counted_one_shows_both_its_arrivals) {
  hint(hint_of(*SessionId::parse(uuid(0)), "{\"a-body\":0}", kThen + 9s));
  const json::value first = listed().at(0);
  BOOST_TEST(first.at("count").to_number<int>() == 2);
  BOOST_TEST(text_of(first.at("received_at")) == moment(0));
  BOOST_TEST(text_of(first.at("last_received_at")) == moment(9));
}

BOOST_AUTO_TEST_CASE(a_session_chooses_in_any_letter_case) {
  std::string upper = uuid(2);
  for (char& c : upper)
    c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  for (const std::string& id : {uuid(2), upper}) {
    const json::array hints = listed("?session_id=" + id);
    BOOST_TEST(hints.size() == 3U);
    for (const json::value& one : hints)
      BOOST_TEST(text_of(one.at("session_id")) == uuid(2));
  }
}

BOOST_AUTO_TEST_CASE(a_result_chooses) {
  for (const auto& [result, id] : {std::pair("accepted", 0U), {"recorded", 1U}, {"kept", 2U}}) {
    const json::array hints = listed(std::string("?result=") + result);
    BOOST_TEST(hints.size() == 3U, result);
    for (const json::value& one : hints) {
      BOOST_TEST(text_of(one.at("result")) == result);
      BOOST_TEST(text_of(one.at("session_id")) == uuid(id));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_session_and_a_result_choose_together) {
  BOOST_TEST(listed("?session_id=" + uuid(2) + "&result=kept").size() == 3U);
  BOOST_TEST(listed("?session_id=" + uuid(2) + "&result=accepted").empty());
}

BOOST_AUTO_TEST_CASE(a_session_without_webhooks_has_an_empty_list) {
  const json::object answer = get("/v1/webhooks?session_id=" + uuid(77)).object();
  BOOST_TEST(answer.at("webhooks").as_array().empty());
  BOOST_TEST(answer.at("next").is_null());
}

BOOST_AUTO_TEST_CASE(pages_lead_through_all) {
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
    BOOST_TEST(seen[i] == moment(8 - i));
}

BOOST_AUTO_TEST_CASE(a_hundred_come_at_a_time_unless_more_are_asked_for) {
  const SessionId other = *SessionId::parse(uuid(50));
  const SessionId another = *SessionId::parse(uuid(51));
  for (int i = 0; i < 60; ++i) {
    hint(hint_of(other, std::to_string(i)));
    hint(hint_of(another, std::to_string(i)));
  }
  BOOST_TEST(listed().size() == 100U);
  BOOST_TEST(listed("?limit=1000").size() == 129U);
}

BOOST_AUTO_TEST_CASE(parameters_that_are_not_understood_are_refused) {
  for (const char* query : {"result=ACCEPTED", "result=", "result=refused", "limit=0", "limit=1001",
                            "limit=x", "limit=", "after=-1", "after=x", "colour=red", "%ff=1"}) {
    const HttpAnswer answer = get(std::string("/v1/webhooks?") + query);
    BOOST_TEST(answer.status == 400, query);
    BOOST_TEST(answer.error_code() == "BAD_REQUEST", query);
  }
}

BOOST_AUTO_TEST_CASE(a_session_that_is_none_is_refused_as_everywhere) {
  for (const char* id : {"", "7", "zzzzzzzz-1234-4abc-8def-0123456789ab"}) {
    const HttpAnswer answer = get(std::string("/v1/webhooks?session_id=") + id);
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.error_code() == "INVALID_SESSION_ID");
  }
}

BOOST_AUTO_TEST_CASE(erasing_a_session_erases_its_webhooks) {
  BOOST_TEST(call("DELETE", "/v1/sessions/" + uuid(0)).status == 204);
  BOOST_TEST(listed("?session_id=" + uuid(0)).empty());
  BOOST_TEST(listed().size() == 6U);
}

BOOST_AUTO_TEST_CASE(nobody_posts_there) {
  BOOST_TEST(call("POST", "/v1/webhooks").status == 405);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
