// Whose an answer is: the session it names counts for more than the connection it came on.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(whose)

const std::string kThis = R"("bfb98ac5-7224-401b-a643-175235856187")";
const std::string kThisInCapitals = R"("BFB98AC5-7224-401B-A643-175235856187")";
const std::string kOther = "\"" + std::string(kOtherSession) + "\"";

BOOST_AUTO_TEST_CASE(an_answer_that_names_its_session_is_believed_in_any_letter_case) {
  for (const Call call : kAllCalls) {
    for (const std::string& id : {kThis, kThisInCapitals}) {
      BOOST_TEST_CONTEXT(name(call) << " " << id) {
        BOOST_TEST(error_code(read(call, 200, success_body(call, id))).empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_names_none_is_believed_when_it_has_what_is_documented) {
  for (const Call call : kAllCalls) {
    for (const char* id : {"", "null", R"("")"}) {
      BOOST_TEST_CONTEXT(name(call) << " " << id) {
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
    BOOST_TEST_CONTEXT(name(call)) {
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "WRONG_SESSION");
      BOOST_TEST(!answer.payload);
      BOOST_TEST(!answer.accounts);
    }
  }
}

BOOST_AUTO_TEST_CASE(so_is_one_about_what_is_no_session) {
  for (const Call call : kAllCalls) {
    for (const char* id :
         {R"("odd")", "7", "1.5", "-1", "true", "false", "[]", "{}", R"(["bfb98ac5"])",
          R"("bfb98ac5-7224-401b-a643-175235856187 ")", R"("bfb98ac57224401ba643175235856187")"}) {
      BOOST_TEST_CONTEXT(name(call) << " " << id) {
        BOOST_TEST(error_code(read(call, 200, success_body(call, id))) == "WRONG_SESSION");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(in_a_refusal_an_id_that_is_none_changes_nothing) {
  for (const char* id : {"null", R"("")", R"("abcd")", "7"}) {
    const std::string body =
        R"({"session_id":)" + std::string(id) + R"(,"error":{"code":"SESSION_DELETED"}})";
    BOOST_TEST_CONTEXT(id) {
      BOOST_TEST(trigger(read(Call::progress, 410, body)) == "session_deleted");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_session_id_below_the_top_is_somebody_elses_business) {
  const std::string body = R"({"accounts":[{"session_id":)" + kOther + "}]}";
  BOOST_TEST(trigger(read(Call::insights, 200, body)) == "insights_fetched");
  BOOST_TEST(trigger(read(Call::session_status, 200, body)) == "session_status_fetched");
}

BOOST_AUTO_TEST_CASE(insights_that_name_this_session_are_kept_whatever_they_consist_of) {
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

BOOST_AUTO_TEST_CASE(without_accounts_and_with_an_error_they_are_no_insights) {
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

BOOST_AUTO_TEST_CASE(what_names_nobody_and_has_no_accounts_is_never_kept_as_insights) {
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
