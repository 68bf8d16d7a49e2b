// The session_id of an answer: whether the answer counts as one about the session that was asked about.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(session_named)

const std::string kThis = R"("bfb98ac5-7224-401b-a643-175235856187")";
const std::string kThisInCapitals = R"("BFB98AC5-7224-401B-A643-175235856187")";
const std::string kOther = "\"" + std::string(kOtherSession) + "\"";

BOOST_AUTO_TEST_CASE(an_answer_that_names_its_session_counts_in_any_letter_case) {
  for (const Call call : kAllCalls) {
    for (const std::string& id : {kThis, kThisInCapitals}) {
      BOOST_TEST_CONTEXT(to_string(call) << " " << id) {
        BOOST_TEST(error_code(read(call, 200, success_body(call, id))).empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_documented_answer_without_session_id_counts) {
  for (const Call call : kAllCalls) {
    for (const char* id : {"", "null", R"("")"}) {
      BOOST_TEST_CONTEXT(to_string(call) << " " << id) {
        const Answer answer = read(call, 200, success_body(call, id));
        BOOST_TEST(error_code(answer).empty());
        BOOST_TEST(!answer.names_session);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_about_another_session_is_a_passing_fault) {
  for (const Call call : kAllCalls) {
    const Answer answer = read(call, 200, success_body(call, kOther));
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "WRONG_SESSION");
      BOOST_TEST(!answer.payload);
      BOOST_TEST(!answer.accounts);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_success_with_an_invalid_session_id_is_refused_as_wrong_session) {
  for (const Call call : kAllCalls) {
    for (const char* id :
         {R"("odd")", "7", "1.5", "-1", "true", "false", "[]", "{}", R"(["bfb98ac5"])",
          R"("bfb98ac5-7224-401b-a643-175235856187 ")", R"("bfb98ac57224401ba643175235856187")"}) {
      BOOST_TEST_CONTEXT(to_string(call) << " " << id) {
        BOOST_TEST(error_code(read(call, 200, success_body(call, id))) == "WRONG_SESSION");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_invalid_session_id_in_a_refusal_is_ignored) {
  for (const char* id : {"null", R"("")", R"("abcd")", "7"}) {
    const std::string body =
        R"({"session_id":)" + std::string(id) + R"(,"error":{"code":"SESSION_DELETED"}})";
    BOOST_TEST_CONTEXT(id) {
      BOOST_TEST(trigger(read(Call::progress, 410, body)) == "session_deleted");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_nested_session_id_is_ignored) {
  const std::string body = R"({"accounts":[{"session_id":)" + kOther + "}]}";
  BOOST_TEST(trigger(read(Call::insights, 200, body)) == "insights_fetched");
  BOOST_TEST(trigger(read(Call::session_status, 200, body)) == "session_status_fetched");
}

BOOST_AUTO_TEST_CASE(insights_that_name_this_session_are_stored_whatever_they_contain) {
  for (const char* rest : {"", R"(,"accounts":null)", R"(,"accounts":{"a":1})", R"(,"error":{})",
                           R"(,"error":null)", R"(,"error":{"code":"","message":null})", R"(,"error":"")",
                           R"(,"error":false)", R"(,"summary":[{"error":"of a statement"}])"}) {
    const std::string body = R"({"session_id":)" + kThis + rest + "}";
    const Answer answer = read(Call::insights, 200, body);
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(trigger(answer) == "insights_fetched");
      BOOST_REQUIRE(answer.payload);
      BOOST_TEST(*unpack(*answer.payload) == body);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_error_without_accounts_is_not_stored_as_insights) {
  for (const char* error :
       {R"("internal")", R"({"message":"internal"})", R"({"code":7})", R"(["internal"])", "true", "1"}) {
    const std::string body = R"({"session_id":)" + kThis + R"(,"error":)" + error + "}";
    const Answer answer = read(Call::insights, 200, body);
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
      BOOST_TEST(!answer.payload);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_without_session_id_and_accounts_is_not_stored_as_insights) {
  for (const char* body :
       {"{}", R"({"message":"Down for maintenance"})", R"({"detail":"Not now."})", R"({"error":"internal"})",
        R"({"session_id":"","accounts":{"a":[]}})", R"({"data":{"accounts":[]}})", R"({"accounts":"[]"})"}) {
    const Answer answer = read(Call::insights, 200, body);
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
      BOOST_TEST(!answer.payload);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
