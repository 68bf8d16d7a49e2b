// Answers that contradict themselves: a key that comes twice in one object.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/upstream/keys.hpp"
#include "src/upstream/skim.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(twice)

using upstream::kKeysRead;
using upstream::skim;
using upstream::Watch;

/// `,"key":1,"key":2`
std::string doubled(std::string_view key) {
  const std::string quoted = ",\"" + std::string(key) + "\":";
  return quoted + "1" + quoted + "2";
}

void check_refused(Call call, const std::string& body, const std::string& key) {
  BOOST_TEST_CONTEXT(name(call) << " " << body) {
    const Answer answer = read(call, 200, body);
    BOOST_TEST(trigger(answer) == "passing_fault");
    BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
    BOOST_TEST(error_message(answer) == "the answer has \"" + key + "\" twice");
    BOOST_TEST(!answer.payload);
    BOOST_TEST(!answer.accounts);
  }
}

BOOST_AUTO_TEST_CASE(no_call_believes_either_of_two_values) {
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

BOOST_AUTO_TEST_CASE(two_equal_values_are_two_values) {
  check_refused(Call::upload_status, R"({"upload_status":"COMPLETED","upload_status":"COMPLETED"})",
                "upload_status");
}

BOOST_AUTO_TEST_CASE(a_key_written_with_escapes_is_the_same_key) {
  check_refused(Call::progress, R"({"session_progress":"processing","session\u005fprogress":"completed"})",
                "session_progress");
}

BOOST_AUTO_TEST_CASE(every_key_that_is_read_is_watched_for_in_every_object_of_an_answer) {
  for (const std::string_view key : kKeysRead) {
    const std::string twice = R"({"x":0)" + doubled(key) + "}";
    for (const std::string& body : {twice, R"({"error":)" + twice + "}", R"({"accounts":[)" + twice + "]}",
                                    R"({"accounts":[{"statements":[{}, )" + twice + "]}]}"}) {
      const auto found = skim(body, Watch::every_object);
      BOOST_TEST_CONTEXT(body) {
        BOOST_REQUIRE(found);
        BOOST_TEST(found->doubled == key);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_failed_account_cannot_hide_behind_a_second_status) {
  check_refused(Call::session_status,
                R"({"accounts":[{"account_status":"failed","account_status":"completed"}]})",
                "account_status");
}

BOOST_AUTO_TEST_CASE(of_insights_only_the_top_and_the_error_are_watched) {
  const std::string inside = R"({"accounts":[{"code":1,"code":2}],"data":{"code":1,"code":2}})";
  BOOST_TEST(trigger(read(Call::insights, 200, inside)) == "insights_fetched");
  check_refused(Call::insights, R"({"accounts":[],"accounts":[]})", "accounts");
}

BOOST_AUTO_TEST_CASE(the_same_key_in_two_objects_comes_once_in_each) {
  const std::string body = R"({"upload_status":"EXPIRED","message":"","error":{"message":"","code":""},
      "accounts":[{"error_code":"","statements":[{"error_code":""},{"error_code":""}]},{"error_code":""}]})";
  BOOST_TEST(trigger(read(Call::upload_status, 200, body)) == "upload_expired");
}

BOOST_AUTO_TEST_CASE(a_key_nobody_reads_may_come_twice) {
  BOOST_TEST(trigger(read(Call::upload_status, 200, R"({"upload_status":"EXPIRED","new":1,"new":2})")) ==
             "upload_expired");
}

BOOST_AUTO_TEST_CASE(a_refusal_that_contradicts_itself_counts_by_its_status_if_that_says_enough) {
  const std::string body = R"({"error":{"code":"SESSION_DELETED","code":"ACCESS_DENIED"}})";
  const std::vector<std::pair<int, std::string>> rows = {
      {401, "account_refused"}, {302, "account_refused"}, {429, "slow_down"},     {503, "passing_fault"},
      {400, "passing_fault"},   {404, "passing_fault"},   {409, "passing_fault"}, {410, "passing_fault"}};
  for (const auto& [status, expected] : rows) {
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(name(call) << " answered " << status) {
        BOOST_TEST(trigger(read(call, status, body)) == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_answer_to_a_registration_is_no_success_when_it_contradicts_itself) {
  upstream::HttpAnswer http;
  http.status = 200;
  http.body = R"({"error":{"code":"ACCESS_DENIED"},"error":{}})";
  const auto error = upstream::error_in(http, kNow);
  BOOST_REQUIRE(error);
  BOOST_TEST(error->code == "UNEXPECTED_BODY");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
