// What a refusal means: the error code decides first, the HTTP status second.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(refusals)

const std::vector<Call> kEveryCall(kAllCalls.begin(), kAllCalls.end());
const std::vector<Call> kAboutProcessing = {Call::progress, Call::session_status, Call::insights};

struct Row {
  std::vector<Call> calls;
  std::vector<int> statuses;
  std::string body;
  std::string trigger;
  std::string code;  ///< of the reported error; empty: none is reported; HTTP_*: with the status
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    for (const Call call : row.calls) {
      for (const int status : row.statuses) {
        BOOST_TEST_CONTEXT(to_string(call) << " answered " << status << " " << row.body) {
          const Answer answer = read(call, status, row.body);
          BOOST_TEST(trigger(answer) == row.trigger);
          BOOST_TEST(error_code(answer) ==
                     (row.code == "HTTP_*" ? "HTTP_" + std::to_string(status) : row.code));
          BOOST_TEST(answer.http_status == status);
          BOOST_TEST((answer.event.call == call));
          BOOST_TEST(!answer.payload);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_documented_code_decides_regardless_of_the_status) {
  check({
      {kEveryCall,
       {404, 400, 500},
       error_body("SESSION_NOT_FOUND"),
       "session_not_found",
       "SESSION_NOT_FOUND"},
      {kEveryCall, {410, 400, 404}, error_body("SESSION_DELETED"), "session_deleted", "SESSION_DELETED"},
      {kEveryCall, {403, 400, 401}, error_body("ACCESS_DENIED"), "account_refused", "ACCESS_DENIED"},
      {kEveryCall, {400, 422}, error_body("KEY_REQUIRED"), "key_required", "KEY_REQUIRED"},
      {{Call::initiate}, {409, 400, 200, 500}, error_body("DUPLICATE_PROCESSING_REQUEST"), "duplicate", ""},
      {{Call::initiate},
       {400, 409},
       error_body("UNPARSABLE_STATEMENTS"),
       "unparsable",
       "UNPARSABLE_STATEMENTS"},
      {kAboutProcessing,
       {400, 404},
       error_body("PROCESSING_NOT_REQUESTED"),
       "not_requested",
       "PROCESSING_NOT_REQUESTED"},
      {kAboutProcessing, {400, 409}, error_body("PROCESSING_NOT_COMPLETED"), "not_completed", ""},
  });
}

BOOST_AUTO_TEST_CASE(a_409_on_initiate_is_a_duplicate_request) {
  check({{{Call::initiate}, {409}, "", "duplicate", ""},
         {{Call::initiate}, {409}, R"({"message":"conflict"})", "duplicate", ""}});
}

BOOST_AUTO_TEST_CASE(a_409_on_initiate_with_a_web_page_is_no_duplicate_request) {
  check({{{Call::initiate}, {409}, "<html>Conflict</html>", "account_refused", "HTTP_409"}});
}

BOOST_AUTO_TEST_CASE(a_4xx_without_an_error_code_says_nothing_about_the_session) {
  check({
      {kEveryCall,
       {400, 405, 406, 410, 413, 414, 415, 421, 422, 431, 451, 499},
       "<html><center>nginx</center></html>",
       "account_refused",
       "HTTP_*"},
      {kEveryCall, {400, 404, 410}, "", "account_refused", "HTTP_*"},
      {kEveryCall, {400, 410}, R"({"message":"Invalid request"})", "account_refused", "HTTP_*"},
      {kEveryCall, {400, 405}, R"({"detail":"Method not allowed"})", "account_refused", "HTTP_*"},
      {kEveryCall, {400}, R"({"code":"SESSION_DELETED"})", "account_refused", "HTTP_*"},
      {kEveryCall, {400}, R"({"error":"SESSION_DELETED"})", "account_refused", "HTTP_*"},
      {kEveryCall, {400}, R"({"error":{"code":410}})", "account_refused", "HTTP_*"},
  });
}

BOOST_AUTO_TEST_CASE(rejected_credentials_and_wrong_addresses_concern_the_account) {
  check({
      {kEveryCall, {401}, R"({"detail":"Invalid token."})", "account_refused", "HTTP_401"},
      {kEveryCall, {402}, R"({"message":"Payment Required"})", "account_refused", "HTTP_402"},
      {kEveryCall, {403}, "<html><body>Forbidden</body></html>", "account_refused", "HTTP_403"},
      {kEveryCall, {403}, "", "account_refused", "HTTP_403"},
      {kEveryCall, {404}, "<h1>Not Found</h1>", "account_refused", "HTTP_404"},
      {kEveryCall, {404}, R"({"detail":"Not found."})", "account_refused", "HTTP_404"},
      {kEveryCall, {301}, "", "account_refused", "HTTP_301"},
      {kEveryCall, {308}, "moved", "account_refused", "HTTP_308"},
  });
}

BOOST_AUTO_TEST_CASE(http_408_425_and_429_mean_slow_down) {
  check({{kEveryCall, {408}, "", "slow_down", "HTTP_408"},
         {kEveryCall, {425}, "{}", "slow_down", "HTTP_425"},
         {kEveryCall, {429}, R"({"detail":"Request was throttled."})", "slow_down", "HTTP_429"}});
}

BOOST_AUTO_TEST_CASE(a_5xx_status_is_a_passing_fault) {
  check({{kEveryCall, {500}, "<html>", "passing_fault", "HTTP_500"},
         {kEveryCall, {502}, R"({"message":"Internal server error"})", "passing_fault", "HTTP_502"},
         {kEveryCall, {503}, "", "passing_fault", "HTTP_503"},
         {kEveryCall, {504}, error_body("UNKNOWN_CODE"), "passing_fault", "UNKNOWN_CODE"}});
}

BOOST_AUTO_TEST_CASE(any_other_refusal_is_reported_with_its_own_code) {
  check({{kEveryCall, {400}, error_body("SOMETHING_NEW"), "refused", "SOMETHING_NEW"},
         {kEveryCall, {404}, error_body("SOMETHING_NEW"), "refused", "SOMETHING_NEW"}});
}

BOOST_AUTO_TEST_CASE(an_error_code_is_found_beside_a_statement_id) {
  const Answer answer = read(Call::initiate, 400,
                             R"({"session_id":"bfb98ac5-7224-401b-a643-175235856187","statement_id":"s",
                                 "error":{"code":"UNPARSABLE_STATEMENTS","message":"m"}})");
  BOOST_TEST(trigger(answer) == "unparsable");
}

BOOST_AUTO_TEST_CASE(an_error_about_another_session_is_a_passing_fault) {
  for (const Call call : kAllCalls) {
    for (const int status : {200, 410}) {
      const Answer answer = read(call, status,
                                 R"({"error":{"code":"SESSION_DELETED","message":"m"},"session_id":")" +
                                     std::string(kOtherSession) + "\"}");
      BOOST_TEST_CONTEXT(to_string(call) << " answered " << status) {
        BOOST_TEST(trigger(answer) == "passing_fault");
        BOOST_TEST(error_code(answer) == "WRONG_SESSION");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_message_is_read_from_every_shape_of_error_body) {
  const std::vector<std::pair<std::string, std::string>> shapes = {
      {R"({"error":{"code":"X","message":"from error"}})", "from error"},
      {R"({"detail":"from detail"})", "from detail"},
      {R"({"message":"from a gateway"})", "from a gateway"},
      {R"({"error":"a word"})", "a word"},
      {R"({"error":{"code":7,"message":[]},"detail":{}})",
       "the answer has no error code of BankConnect's: look for a proxy or firewall in between"},
  };
  for (const auto& [body, message] : shapes) {
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(read(Call::progress, 400, body).error->message == message);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_is_printable_and_at_most_300_characters_long) {
  const Answer answer =
      read(Call::progress, 400, R"({"detail":"a\nb\u0007)" + std::string(5000, 'x') + "\"}");
  BOOST_TEST(answer.error->message.size() <= 300u);
  BOOST_TEST(answer.error->message.substr(0, 4) == "a?b?");
}

BOOST_AUTO_TEST_CASE(an_account_number_in_a_message_is_masked) {
  const Answer answer =
      read(Call::progress, 400, R"({"error":{"code":"NEW","message":"account 924010040573135 is frozen"}})");
  BOOST_TEST(answer.error->message == "account XXXX3135 is frozen");
}

BOOST_AUTO_TEST_CASE(an_error_carries_the_time_at_which_it_was_read) {
  BOOST_TEST((read(Call::progress, 503, "").error->at == kNow));
}

BOOST_AUTO_TEST_CASE(retry_after_is_read_as_seconds_or_a_date) {
  BOOST_TEST(read(Call::progress, 429, "", "7").event.retry_after.count() == 7000);
  BOOST_TEST(read(Call::insights, 503, "", "Thu, 13 Nov 2025 06:49:04 GMT").event.retry_after.count() ==
             20'000);
  BOOST_TEST(read(Call::progress, 429, "", "soon").event.retry_after.count() == 0);
}

BOOST_AUTO_TEST_CASE(only_a_slow_down_answer_can_ask_for_a_longer_wait_than_30_seconds) {
  const std::vector<std::pair<int, int>> rows = {{408, 3600}, {425, 3600}, {429, 3600}, {500, 30},
                                                 {503, 30},   {401, 30},   {403, 30},   {404, 30},
                                                 {302, 30},   {400, 30},   {422, 30}};
  for (const auto& [status, seconds] : rows) {
    for (const Call call : kAllCalls) {
      BOOST_TEST_CONTEXT(to_string(call) << " answered " << status) {
        BOOST_TEST(read(call, status, "", "3600").event.retry_after.count() == seconds * 1000);
        BOOST_TEST(read(call, status, "\x1f\x8b", "3600", "gzip").event.retry_after.count() <=
                   seconds * 1000);
      }
    }
  }
  BOOST_TEST(
      read(Call::progress, 400, error_body("PROCESSING_NOT_COMPLETED"), "3600").event.retry_after.count() ==
      30'000);
}

BOOST_AUTO_TEST_CASE(a_retry_after_date_is_compared_with_the_date_of_the_server) {
  const auto wait = [](const char* retry_after, const char* date) {
    upstream::HttpAnswer http;
    http.status = 429;
    http.retry_after = retry_after;
    http.date = date;
    return upstream::read_answer(question(Call::upload_status), http, kNow).event.retry_after.count();
  };
  // The server's clock is a day ahead of ours, or behind it.
  BOOST_TEST(wait("Fri, 14 Nov 2025 06:50:44 GMT", "Fri, 14 Nov 2025 06:48:44 GMT") == 120'000);
  BOOST_TEST(wait("Wed, 12 Nov 2025 06:50:44 GMT", "Wed, 12 Nov 2025 06:48:44 GMT") == 120'000);
  // However far the two are apart, the wait is at most an hour.
  BOOST_TEST(wait("Fri, 14 Nov 2025 06:50:44 GMT", "Thu, 01 Jan 1970 00:00:00 GMT") == 3'600'000);
  // Without a valid Date, our clock counts.
  for (const char* date : {"", "today", "0", "Thu, 13 Nov 2025 06:48:44"})
    BOOST_TEST(wait("Thu, 13 Nov 2025 06:50:44 GMT", date) == 120'000, date);
  // A number of seconds does not depend on any clock.
  BOOST_TEST(wait("7", "Thu, 01 Jan 1970 00:00:00 GMT") == 7000);
}

BOOST_AUTO_TEST_CASE(a_status_that_needs_no_body_decides_even_when_the_body_is_compressed) {
  const std::vector<std::pair<int, std::string>> rows = {
      {401, "account_refused"}, {302, "account_refused"}, {429, "slow_down"}, {503, "passing_fault"}};
  for (const auto& [status, expected] : rows) {
    BOOST_TEST_CONTEXT(status) {
      const Answer answer = read(Call::upload_status, status, "\x1f\x8b", "3", "gzip");
      BOOST_TEST(trigger(answer) == expected);
      BOOST_TEST(answer.event.retry_after.count() == 3000);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_compressed_body_that_might_hold_a_code_is_a_passing_fault) {
  for (const int status : {200, 202, 400, 404, 409, 410}) {
    BOOST_TEST_CONTEXT(status) {
      const Answer answer = read(Call::progress, status, "\x1f\x8b", "", "gzip");
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_transport_error_is_a_passing_fault_without_a_status) {
  const Answer answer = upstream::failed_answer({"TIMEOUT", "took too long"}, kNow);
  BOOST_TEST(trigger(answer) == "passing_fault");
  BOOST_TEST(answer.http_status == 0);
  BOOST_TEST(error_code(answer) == "TIMEOUT");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
