// Answers with a key that occurs twice in one object.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/upstream/body_summary.hpp"
#include "src/upstream/keys.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(duplicate_keys)

using upstream::DuplicateCheck;
using upstream::kKeysRead;
using upstream::scan;

/// `,"key":1,"key":2`
std::string twice(std::string_view key) {
  const std::string quoted = ",\"" + std::string(key) + "\":";
  return quoted + "1" + quoted + "2";
}

void check_refused(Call call, const std::string& body, const std::string& key) {
  BOOST_TEST_CONTEXT(to_string(call) << " " << body) {
    const Answer answer = read(call, 200, body);
    BOOST_TEST(trigger(answer) == "passing_fault");
    BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
    BOOST_TEST(error_message(answer) == "the answer has \"" + key + "\" twice");
    BOOST_TEST(!answer.payload);
    BOOST_TEST(!answer.accounts);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_a_duplicate_key_is_refused_for_every_call) {
  const std::string rest = R"(,"upload_status":"COMPLETED","session_progress":"completed","accounts":[]})";
  const std::string self = R"("session_id":"bfb98ac5-7224-401b-a643-175235856187")";
  const std::string other = R"("session_id":"d35b9df1-871d-43d1-b6c1-67ded2c2e8e5")";
  for (const Call call : kAllCalls) {
    check_refused(call, "{" + self + "," + other + rest, "session_id");
    check_refused(call, "{" + other + "," + self + rest, "session_id");
    check_refused(call, R"({"error":{"code":"SESSION_DELETED"},"error":{})" + rest, "error");
    check_refused(call, R"({"error":{"code":"SESSION_DELETED","code":""})" + rest, "code");
  }
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_with_equal_values_is_refused) {
  check_refused(Call::upload_status, R"({"upload_status":"COMPLETED","upload_status":"COMPLETED"})",
                "upload_status");
}

BOOST_AUTO_TEST_CASE(an_escaped_key_counts_as_the_same_key) {
  check_refused(Call::progress, R"({"session_progress":"processing","session\u005fprogress":"completed"})",
                "session_progress");
}

BOOST_AUTO_TEST_CASE(every_key_that_is_read_is_checked_in_every_object) {
  for (const std::string_view key : kKeysRead) {
    const std::string object = R"({"x":0)" + twice(key) + "}";
    for (const std::string& body : {object, R"({"error":)" + object + "}", R"({"accounts":[)" + object + "]}",
                                    R"({"accounts":[{"statements":[{}, )" + object + "]}]}"}) {
      const auto found = scan(body, DuplicateCheck::every_object);
      BOOST_TEST_CONTEXT(body) {
        BOOST_REQUIRE(found);
        BOOST_TEST(found->duplicate_key == key);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_duplicate_account_status_is_refused) {
  check_refused(Call::session_status,
                R"({"accounts":[{"account_status":"failed","account_status":"completed"}]})",
                "account_status");
}

BOOST_AUTO_TEST_CASE(insights_are_checked_only_at_the_top_and_in_the_error) {
  const std::string inside = R"({"accounts":[{"code":1,"code":2}],"data":{"code":1,"code":2}})";
  BOOST_TEST(trigger(read(Call::insights, 200, inside)) == "insights_fetched");
  check_refused(Call::insights, R"({"accounts":[],"accounts":[]})", "accounts");
}

BOOST_AUTO_TEST_CASE(the_same_key_in_different_objects_is_no_duplicate) {
  const std::string body = R"({"upload_status":"EXPIRED","message":"","error":{"message":"","code":""},
      "accounts":[{"error_code":"","statements":[{"error_code":""},{"error_code":""}]},{"error_code":""}]})";
  BOOST_TEST(trigger(read(Call::upload_status, 200, body)) == "upload_expired");
}

BOOST_AUTO_TEST_CASE(a_duplicate_of_a_key_that_is_not_read_is_accepted) {
  BOOST_TEST(trigger(read(Call::upload_status, 200, R"({"upload_status":"EXPIRED","new":1,"new":2})")) ==
             "upload_expired");
}

BOOST_AUTO_TEST_CASE(a_refusal_with_a_duplicate_key_is_judged_by_its_http_status_alone) {
  const std::string body = R"({"error":{"code":"SESSION_DELETED","code":"ACCESS_DENIED"}})";
  const std::vector<std::pair<int, std::string>> rows = {
      {401, "account_refused"}, {302, "account_refused"}, {429, "slow_down"},     {503, "passing_fault"},
      {400, "passing_fault"},   {404, "passing_fault"},   {409, "passing_fault"}, {410, "passing_fault"}};
  for (const auto& [status, expected] : rows) {
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(to_string(call) << " answered " << status) {
        BOOST_TEST(trigger(read(call, status, body)) == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_registration_answer_with_a_duplicate_key_is_no_success) {
  upstream::HttpAnswer http;
  http.status = 200;
  http.body = R"({"error":{"code":"ACCESS_DENIED"},"error":{}})";
  const auto error = upstream::error_in(http, kNow);
  BOOST_REQUIRE(error);
  BOOST_TEST(error->code == "UNEXPECTED_BODY");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
