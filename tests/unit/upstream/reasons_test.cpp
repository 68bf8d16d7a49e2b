// The error message of a failed answer: never empty, and never a quotation from a web page.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(reasons)

BOOST_AUTO_TEST_CASE(the_message_says_why_a_body_is_no_json_object) {
  const std::string more = "aaaaaaaaaaaaaaa";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "the answer has no body"},
      {" \r\n\t", "the answer is blank"},
      {"\n<!DOCTYPE html><html>secret</html>", "the answer is a web page, not JSON"},
      {"[]", "the answer is JSON, but not an object"},
      {"null", "the answer is JSON, but not an object"},
      {R"({"a":1)", "the answer is not JSON: it ends early, after 6 bytes"},
      {R"({"a":1}{})", "the answer is not JSON: something follows it after 7 bytes"},
      {R"({"a":1,})", "the answer is not JSON after 7 bytes"},
      {"{\"a\":\"" + more + "\xff\"}", "the answer is not JSON: no valid UTF-8 after 21 bytes"},
      {"OK", "the answer is not JSON after 0 bytes"},
      {R"({"a":)" + std::string(300, '[') + std::string(300, ']') + "}",
       "the answer is nested too deep after 260 bytes"},
  };
  for (const auto& [body, message] : rows) {
    BOOST_TEST_CONTEXT(body) {
      const Answer answer = read(Call::progress, 200, body);
      BOOST_TEST(error_code(answer) == "NOT_JSON");
      BOOST_TEST(error_message(answer) == message);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_without_a_message_gets_one) {
  const std::string page = "<html><body>secret page</body></html>";
  const std::string redirects =
      "the answer redirects to another address, which is never followed: check upstream.base_url";
  struct Row {
    int status;
    std::string body;
    std::string message;
  };
  const std::vector<Row> rows = {
      {500, page, "the answer is a web page, not JSON"},
      {403, page, "the answer is a web page, not JSON"},
      {503, "", "the answer has no body"},
      {400, page, "the answer has no error code of BankConnect's: look for a proxy or firewall in between"},
      {502, "upstream connect error", "the answer is not JSON after 0 bytes"},
      {500, "{}", "the answer gives no reason"},
      {422, R"({"error":{"code":"ODD"}})", "the answer gives no reason"},
      {500, R"({"error":"internal"})", "internal"},
      {404, page, "there is nothing at this address: check upstream.base_url"},
      {404, R"({"detail":"Not found."})", "Not found."},
      {301, page, redirects},
      {302, R"({"message":"success"})", redirects},
      {308, "", redirects},
  };
  for (const Row& row : rows) {
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(to_string(call) << " answered " << row.status << " " << row.body) {
        BOOST_TEST(error_message(read(call, row.status, row.body)) == row.message);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_with_an_error_code_keeps_its_own_message) {
  BOOST_TEST(error_message(read(Call::progress, 301, error_body("SESSION_DELETED"))) == "m");
}

BOOST_AUTO_TEST_CASE(a_web_page_is_never_quoted) {
  for (const int status : {200, 301, 400, 401, 404, 409, 429, 500}) {
    for (const Call call : kAllCalls) {
      const Answer answer = read(call, status, "<html><body>secret page</body></html>");
      BOOST_TEST_CONTEXT(to_string(call) << " answered " << status) {
        BOOST_TEST(error_message(answer).find("secret") == std::string::npos);
        if (answer.error) BOOST_TEST(!answer.error->message.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_with_an_unusable_body_says_why_it_is_unusable) {
  BOOST_TEST(error_message(read(Call::progress, 503, "\x1f\x8b", "", "gzip")) ==
             "the answer is encoded as gzip, and is no complete data of that kind");
  BOOST_TEST(error_message(read(Call::progress, 503, R"({"detail":"a","detail":"b"})")) ==
             "the answer has \"detail\" twice");
}

BOOST_AUTO_TEST_CASE(the_message_of_an_incomplete_success_is_cut_and_masked) {
  const Answer answer =
      read(Call::progress, 200, R"({"message":"of 924010040573135 )" + std::string(1000, 'x') + "\"}");
  BOOST_TEST(error_message(answer).starts_with("the answer has no session_progress: of XXXX3135 xxx"));
  BOOST_TEST(error_message(answer).size() == 300u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
