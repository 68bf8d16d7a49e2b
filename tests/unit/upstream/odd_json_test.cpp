// Bodies that are almost JSON, or JSON nobody expects.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "src/upstream/skim.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(odd_json)

Result<upstream::Skimmed> skim(std::string_view body) {
  return upstream::skim(body, upstream::Watch::top);
}

std::string nested(std::size_t depth) {
  return R"({"accounts":[],"upload_status":"EXPIRED","session_progress":"completed","deep":)" +
         std::string(depth, '[') + std::string(depth, ']') + "}";
}

void check_is_a_fault(const std::string& body, const std::string& code = "NOT_JSON") {
  for (const Call call : kAllCalls) {
    BOOST_TEST_CONTEXT(name(call) << " " << body.substr(0, 60)) {
      const Answer answer = read(call, 200, body);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == code);
      BOOST_TEST(!answer.payload);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_json_object_is_a_passing_fault) {
  for (const char* body : {"<html></html>", "[]", "null", "\"text\"", "[{}]", "{} {}", "{}x", " ", "{'a':1}",
                           "{\"a\":1,}", "{\"a\":NaN}", "{\"a\":Infinity}", "{/**/}", "\xEF\xBB\xBF{}"}) {
    check_is_a_fault(body);
  }
}

BOOST_AUTO_TEST_CASE(a_truncated_body_is_a_passing_fault_wherever_it_ends) {
  const std::string body =
      R"({"session_id":"bfb98ac5-7224-401b-a643-175235856187","upload_status":"COMPLETED","session_progress":"completed","accounts":[{"a":1.5e3}]})";
  for (std::size_t length = 1; length < body.size(); ++length)
    check_is_a_fault(body.substr(0, length));
}

BOOST_AUTO_TEST_CASE(an_empty_success_is_a_fault_for_all_but_initiate) {
  for (const Call call : kAllCalls) {
    BOOST_TEST_CONTEXT(name(call)) {
      BOOST_TEST(trigger(read(call, 200, "")) == (call == Call::initiate ? "accepted" : "passing_fault"));
    }
  }
}

BOOST_AUTO_TEST_CASE(invalid_utf8_is_a_passing_fault) {
  check_is_a_fault("{\"a\":\"\xff\xfe\"}");
  check_is_a_fault("{\"\xc3\":1}");
}

BOOST_AUTO_TEST_CASE(blanks_around_the_object_do_no_harm) {
  BOOST_TEST(trigger(read(Call::insights, 200, " \r\n{\"accounts\":[]} \t\n")) == "insights_fetched");
  BOOST_TEST(trigger(read(Call::progress, 200, "\n{\"session_progress\":\"completed\"}\n")) ==
             "progress_finished");
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_taken_up_to_a_limit_and_refused_beyond) {
  for (const Call call : {Call::upload_status, Call::progress, Call::session_status, Call::insights}) {
    BOOST_TEST_CONTEXT(name(call)) {
      BOOST_TEST(!read(call, 200, nested(200)).error);
    }
  }
  check_is_a_fault(nested(300));
  check_is_a_fault(nested(1'000'000));
}

BOOST_AUTO_TEST_CASE(a_number_beyond_all_bounds_does_not_stop_a_session) {
  BOOST_TEST(trigger(read(Call::upload_status, 200, R"({"upload_status":"EXPIRED","n":1E400})")) ==
             "upload_expired");
  BOOST_TEST(trigger(read(Call::insights, 200,
                          R"({"accounts":[],"n":[1E400,-1E400,123456789012345678901234567890]})")) ==
             "insights_fetched");
}

/// Bodies that the parser refuses, and JSON does not.
const std::vector<std::string> kUnusual = {R"("\ud83d")",
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

BOOST_AUTO_TEST_CASE(half_a_character_or_a_vast_exponent_does_not_stop_a_session) {
  for (const std::string& value : kUnusual) {
    const std::string body =
        R"({"x":)" + value +
        R"(,"session_id":"bfb98ac5-7224-401b-a643-175235856187","upload_status":"COMPLETED",
            "session_progress":"completed","accounts":[{"account_status":"failed","bank_name":)" +
        value + "}]}";
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(name(call) << " " << value) {
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

BOOST_AUTO_TEST_CASE(nor_does_it_make_json_of_what_is_none) {
  for (const std::string& value : kUnusual) {
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

BOOST_AUTO_TEST_CASE(half_a_character_is_shown_as_one_that_is_unknown) {
  const Answer answer = read(Call::session_status, 200, R"({"accounts":[{"bank_name":"a\ud83db"}]})");
  BOOST_REQUIRE(answer.accounts.has_value());
  BOOST_TEST(answer.accounts->find("a\uFFFDb") != std::string::npos);
  const auto found = skim(R"({"session_id":"\ud83d","x":"\\ud83d 1e99999999999"})");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->mended == R"({"session_id":"\uFFFD","x":"\\ud83d 1e99999999999"})");
  BOOST_TEST(skim("{}")->mended == "");
  // Both halves together are one character, and stay it.
  BOOST_TEST(skim(R"({"x":"\ud83d\ude00\ud83d"})")->mended == R"({"x":"\ud83d\ude00\uFFFD"})");
}

BOOST_AUTO_TEST_CASE(what_is_nested_too_deep_stays_so) {
  check_is_a_fault(R"({"x":"\ud83d","accounts":[],"y":)" + nested(300) + "}");
}

BOOST_AUTO_TEST_CASE(skimming_finds_the_texts_it_looks_for) {
  const auto found = skim(
      R"({"error":{"x":{"code":"inner"},"code":"C","message":"M","y":["code"]},"code":"top","session_id":"S",
          "detail":"D","message":"N","z":{"detail":"inner"}})");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->error_code == "C");
  BOOST_TEST(found->error_message == "M");
  BOOST_TEST(found->session_id == "S");
  BOOST_TEST(found->detail == "D");
  BOOST_TEST(found->message == "N");
}

BOOST_AUTO_TEST_CASE(skimming_is_not_fooled_by_look_alikes_elsewhere) {
  for (const char* body :
       {R"({"data":{"error":{"code":"C"}}})", R"({"code":"C"})", R"({"error":["code","C"]})",
        R"({"error":[{"code":"C"}]})", R"({"error":{"inner":{"code":"C"}}})",
        R"({"error":{"code":{"code":"C"}}})", R"({"error":{"code":["C"]}})", R"({"Error":{"code":"C"}})"}) {
    BOOST_TEST_CONTEXT(body) {
      const auto found = skim(body);
      BOOST_REQUIRE(found);
      BOOST_TEST(found->error_code.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(skimming_keeps_little_of_a_long_text) {
  const std::string body = R"({"error":{"message":")" + std::string(1'000'000, 'm') + "\"}}";
  const auto found = skim(body);
  BOOST_REQUIRE(found);
  BOOST_TEST(found->error_message.size() == 4096u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
