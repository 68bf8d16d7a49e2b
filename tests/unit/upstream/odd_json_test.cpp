// Bodies that are almost JSON, or JSON nobody expects.
#include <boost/test/unit_test.hpp>
#include <vector>

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
