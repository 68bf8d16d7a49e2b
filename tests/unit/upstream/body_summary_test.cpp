// Bodies that are not quite JSON, and JSON that Boost.JSON rejects.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "src/upstream/body_summary.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(body_summary)

Result<upstream::BodySummary> scan(std::string_view body) {
  return upstream::scan(body, upstream::DuplicateCheck::top);
}

std::string nested(std::size_t depth) {
  return R"({"accounts":[],"upload_status":"EXPIRED","session_progress":"completed","deep":)" +
         std::string(depth, '[') + std::string(depth, ']') + "}";
}

void check_is_a_fault(const std::string& body, const std::string& code = "NOT_JSON") {
  for (const Call call : kAllCalls) {
    BOOST_TEST_CONTEXT(to_string(call) << " " << body.substr(0, 60)) {
      const Answer answer = read(call, 200, body);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == code);
      BOOST_TEST(!answer.payload);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_json_object_is_a_passing_fault) {
  for (const char* body :
       {"<html></html>", "[]", "null", "\"text\"", "[{}]", "{} {}", "{}x", " ", "{'a':1}", "{\"a\":1,}",
        "{\"a\":nan}", "{\"a\":NaNs}", "{NaN:1}", "{/**/}", "{\xEF\xBB\xBF}"}) {
    check_is_a_fault(body);
  }
}

BOOST_AUTO_TEST_CASE(a_truncated_body_is_a_passing_fault_wherever_it_ends) {
  const std::string body =
      R"({"session_id":"bfb98ac5-7224-401b-a643-175235856187","upload_status":"COMPLETED","session_progress":"completed","accounts":[{"a":1.5e3}]})";
  for (std::size_t length = 1; length < body.size(); ++length)
    check_is_a_fault(body.substr(0, length));
}

BOOST_AUTO_TEST_CASE(a_success_without_a_body_is_a_passing_fault_for_every_call_but_initiate) {
  for (const Call call : kAllCalls) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(trigger(read(call, 200, "")) == (call == Call::initiate ? "accepted" : "passing_fault"));
    }
  }
}

BOOST_AUTO_TEST_CASE(invalid_utf8_is_a_passing_fault) {
  check_is_a_fault("{\"a\":\"\xff\xfe\"}");
  check_is_a_fault("{\"\xc3\":1}");
}

BOOST_AUTO_TEST_CASE(white_space_around_the_object_is_accepted) {
  BOOST_TEST(trigger(read(Call::insights, 200, " \r\n{\"accounts\":[]} \t\n")) == "insights_fetched");
  BOOST_TEST(trigger(read(Call::progress, 200, "\n{\"session_progress\":\"completed\"}\n")) ==
             "progress_finished");
}

BOOST_AUTO_TEST_CASE(nesting_is_accepted_up_to_the_limit_and_refused_beyond_it) {
  for (const Call call : {Call::upload_status, Call::progress, Call::session_status, Call::insights}) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(!read(call, 200, nested(200)).error);
    }
  }
  check_is_a_fault(nested(300));
  check_is_a_fault(nested(1'000'000));
}

BOOST_AUTO_TEST_CASE(a_number_that_overflows_a_double_is_accepted) {
  BOOST_TEST(trigger(read(Call::upload_status, 200, R"({"upload_status":"EXPIRED","n":1E400})")) ==
             "upload_expired");
  BOOST_TEST(trigger(read(Call::insights, 200,
                          R"({"accounts":[],"n":[1E400,-1E400,123456789012345678901234567890]})")) ==
             "insights_fetched");
}

/// Values that are valid JSON and that Boost.JSON rejects.
const std::vector<std::string> kRejectedByBoost = {R"("\ud83d")",
                                                   R"("\ude00")",
                                                   R"("\uD83D\uD83D\uDE00\ud83d")",
                                                   R"("\ude00\ud83d")",
                                                   R"("\ud83d\u0041")",
                                                   R"("\ud83d\n\\")",
                                                   R"("\\\ud83d\"")",
                                                   R"(["a long text \ud83d and more of it"])",
                                                   R"({"\ud83d":"\udfff"})",
                                                   "1e99999999999",
                                                   "-1.5E+99999999999",
                                                   "[0.1e-00000000000000001,1E2147483648]",
                                                   R"(["1e99999999999\ud83d",2e99999999999])"};

BOOST_AUTO_TEST_CASE(a_lone_surrogate_or_a_huge_exponent_is_accepted) {
  for (const std::string& value : kRejectedByBoost) {
    const std::string body =
        R"({"x":)" + value +
        R"(,"session_id":"bfb98ac5-7224-401b-a643-175235856187","upload_status":"COMPLETED",
            "session_progress":"completed","accounts":[{"account_status":"failed","bank_name":)" +
        value + "}]}";
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(to_string(call) << " " << value) {
        const Answer answer = read(call, 200, body);
        BOOST_TEST(error_message(answer) == "");
        BOOST_TEST(answer.names_session);
        if (call == Call::session_status) BOOST_TEST(answer.event.processing.failed == 1u);
        if (call == Call::insights) BOOST_TEST(trigger(answer) == "insights_fetched");
        const bool kept = call == Call::session_status || call == Call::insights;
        BOOST_REQUIRE(bool(answer.payload) == kept);
        if (kept) BOOST_TEST(*unpack(*answer.payload) == body);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(repairing_does_not_turn_invalid_text_into_json) {
  for (const std::string& value : kRejectedByBoost) {
    const std::string body = R"({"x":)" + value + R"(,"accounts":[],"upload_status":"COMPLETED"})";
    for (std::size_t length = 1; length < body.size(); ++length)
      check_is_a_fault(body.substr(0, length));
  }
  for (const char* value : {R"("\ud83")", R"("\ud83d\u")", R"("\ud83d\x")", R"("\ud83g")", R"("\ud83d)", "1e",
                            "1e+", "e99999999999", "1e99999999999.5", "1e9999999999999e1", "1e+-99999999999",
                            "\"\\ud83d\"\"\\ud83d\"", "\"\\ud83d\xff\""}) {
    BOOST_TEST_CONTEXT(value) {
      check_is_a_fault(R"({"accounts":[],"upload_status":"COMPLETED","session_progress":"completed","x":)" +
                       std::string(value) + "}");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lone_surrogate_is_shown_as_the_replacement_character) {
  const Answer answer = read(Call::session_status, 200, R"({"accounts":[{"bank_name":"a\ud83db"}]})");
  BOOST_REQUIRE(answer.accounts.has_value());
  BOOST_TEST(answer.accounts->find("a\uFFFDb") != std::string::npos);
  const auto found = scan(R"({"session_id":"\ud83d","x":"\\ud83d 1e99999999999"})");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->repaired == R"({"session_id":"\uFFFD","x":"\\ud83d 1e99999999999"})");
  BOOST_TEST(scan("{}")->repaired == "");
  // A complete surrogate pair is left alone.
  BOOST_TEST(scan(R"({"x":"\ud83d\ude00\ud83d"})")->repaired == R"({"x":"\ud83d\ude00\uFFFD"})");
}

BOOST_AUTO_TEST_CASE(repairing_does_not_lift_the_nesting_limit) {
  check_is_a_fault(R"({"x":"\ud83d","accounts":[],"y":)" + nested(300) + "}");
}

BOOST_AUTO_TEST_CASE(scanning_finds_the_error_the_session_id_and_the_messages) {
  const auto found = scan(
      R"({"error":{"x":{"code":"inner"},"code":"C","message":"M","y":["code"]},"code":"top","session_id":"S",
          "detail":"D","message":"N","z":{"detail":"inner"}})");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->error_code == "C");
  BOOST_TEST(found->error_message == "M");
  BOOST_TEST(found->session_id == "S");
  BOOST_TEST(found->detail == "D");
  BOOST_TEST(found->message == "N");
}

BOOST_AUTO_TEST_CASE(a_code_elsewhere_than_directly_in_the_top_level_error_is_ignored) {
  for (const char* body :
       {R"({"data":{"error":{"code":"C"}}})", R"({"code":"C"})", R"({"error":["code","C"]})",
        R"({"error":[{"code":"C"}]})", R"({"error":{"inner":{"code":"C"}}})",
        R"({"error":{"code":{"code":"C"}}})", R"({"error":{"code":["C"]}})", R"({"Error":{"code":"C"}})"}) {
    BOOST_TEST_CONTEXT(body) {
      const auto found = scan(body);
      BOOST_REQUIRE(found);
      BOOST_TEST(found->error_code.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(scanning_keeps_at_most_4096_bytes_of_a_text) {
  const std::string body = R"({"error":{"message":")" + std::string(1'000'000, 'm') + "\"}}";
  const auto found = scan(body);
  BOOST_REQUIRE(found);
  BOOST_TEST(found->error_message.size() == 4096u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
