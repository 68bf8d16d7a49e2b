// Successful answers: what is read from the body of each call.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(answers)

std::string upload_body(const std::string& status, const std::string& rest = "") {
  return R"({"session_id":"bfb98ac5-7224-401b-a643-175235856187","upload_status":")" + status + "\"" + rest +
         "}";
}

BOOST_AUTO_TEST_CASE(upload_status_is_read_in_every_documented_spelling) {
  const std::vector<std::pair<std::string, std::string>> spellings = {
      {"NO_UPLOAD", "upload_none"},          {"NO UPLOADS", "upload_none"},
      {"NO_UPLOADS", "upload_none"},         {"no-uploads", "upload_none"},
      {"IN PROGRESS", "upload_in_progress"}, {"IN_PROGRESS", "upload_in_progress"},
      {"in progress", "upload_in_progress"}, {"COMPLETED", "upload_completed"},
      {"Completed", "upload_completed"},     {"EXPIRED", "upload_expired"},
      {"PAUSED", "upload_unknown"},          {"COMPLETED/EXPIRED", "upload_unknown"},
  };
  for (const auto& [spelling, expected] : spellings) {
    BOOST_TEST_CONTEXT(spelling) {
      BOOST_TEST(trigger(read(Call::upload_status, 200, upload_body(spelling))) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_upload_status_answer_counts_accounts_and_statements) {
  const Answer answer =
      read(Call::upload_status, 200,
           upload_body("IN_PROGRESS", R"(,"accounts":[{"statements":[{},{}]},{"statements":[{}]}])"));
  BOOST_TEST(answer.event.upload.accounts == 2u);
  BOOST_TEST(answer.event.upload.statements == 3u);
  BOOST_TEST(answer.event.upload.fingerprint != 0u);
}

BOOST_AUTO_TEST_CASE(an_upload_status_answer_without_accounts_clears_the_stored_accounts) {
  const Answer answer = read(Call::upload_status, 200, upload_body("NO_UPLOADS"));
  BOOST_TEST(answer.event.upload.fingerprint == 0u);
  BOOST_REQUIRE(answer.accounts.has_value());
  BOOST_TEST(*answer.accounts == "[]");
}

BOOST_AUTO_TEST_CASE(an_answer_names_the_field_and_the_value_that_decide) {
  struct Row {
    Call call;
    int status;
    std::string body;
    std::string field;
    std::string value;
  };
  const std::vector<Row> rows = {
      {Call::upload_status, 200, upload_body("in progress"), "upload_status", "in progress"},
      {Call::initiate, 202, "{}", "http_status", "202"},
      {Call::initiate, 409, "", "http_status", "409"},
      {Call::progress, 200, R"({"session_progress":"Failed"})", "session_progress", "failed"},
      {Call::progress, 400, R"({"error":{"code":"PROCESSING_NOT_REQUESTED"}})", "error.code",
       "PROCESSING_NOT_REQUESTED"},
      {Call::session_status, 200, R"({"accounts":[{"account_status":"failed"}]})", "account_status",
       "failed"},
      {Call::session_status, 200,
       R"({"accounts":[{"account_status":"completed"}],"insights_available":false})", "insights_available",
       "false"},
      {Call::session_status, 200, R"({"accounts":[{"account_status":"completed"}]})", "", ""},
      {Call::insights, 200, R"({"accounts":[{}]})", "accounts", "present"},
      {Call::insights, 200, R"({"accounts":[]})", "accounts", "empty"},
  };
  for (const Row& row : rows) {
    const Answer answer = read(row.call, row.status, row.body);
    BOOST_TEST(std::string(answer.field) == row.field);
    BOOST_TEST(answer.value == row.value);
  }
}

BOOST_AUTO_TEST_CASE(the_statement_an_error_is_about_is_named) {
  for (const char* const body : {R"({"error":{"code":"UNPARSABLE_STATEMENTS","statement_id":"s1"}})",
                                 R"({"statement_id":"s1","error":{"code":"UNPARSABLE_STATEMENTS"}})"}) {
    BOOST_TEST(read(Call::initiate, 400, body).statement == "s1");
  }
}

BOOST_AUTO_TEST_CASE(a_statement_id_is_named_as_it_is_although_it_has_many_digits) {
  const std::string id = "4164bc05-7b3f-4a5c-8e31-123456789012";
  BOOST_TEST(read(Call::initiate, 400,
                  R"({"error":{"code":"UNPARSABLE_STATEMENTS","statement_id":")" + id + R"("}})")
                 .statement == id);
  BOOST_TEST(
      read(Call::initiate, 400, R"({"error":{"code":"X","statement_id":"50100234567890"}})").statement ==
      "XXXX7890");
}

BOOST_AUTO_TEST_CASE(an_account_number_in_a_deciding_value_is_masked) {
  BOOST_TEST(read(Call::upload_status, 200, upload_body("50100234567890")).value == "XXXX7890");
}

BOOST_AUTO_TEST_CASE(the_expiry_timestamp_is_read_as_utc) {
  const Answer answer =
      read(Call::upload_status, 200,
           upload_body("IN_PROGRESS", R"(,"session_expiry_timestamp":"2025-11-13 06:48:44")"));
  BOOST_TEST((answer.event.upload.expires_at == kNow));
}

BOOST_AUTO_TEST_CASE(an_invalid_expiry_timestamp_means_no_known_expiry) {
  for (const char* value : {R"("")", "null", R"("tomorrow")", "1763016524", "{}"}) {
    BOOST_TEST_CONTEXT(value) {
      const Answer answer =
          read(Call::upload_status, 200,
               upload_body("COMPLETED", R"(,"session_expiry_timestamp":)" + std::string(value)));
      BOOST_TEST((answer.event.upload.expires_at == kNoWall));
      BOOST_TEST(trigger(answer) == "upload_completed");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_error_member_does_not_make_a_success_a_failure) {
  const std::vector<std::pair<Call, std::string>> bodies = {
      {Call::upload_status, R"({"error":{},"upload_status":"EXPIRED"})"},
      {Call::initiate, R"({"error":{},"message":"accepted"})"},
      {Call::progress, R"({"error":{},"session_progress":"processing"})"},
      {Call::session_status, R"({"error":{},"accounts":[]})"},
      {Call::insights, R"({"error":{},"accounts":[]})"},
      {Call::insights, R"({"error":null,"accounts":[]})"},
      {Call::insights, R"({"error":{"code":"","message":""},"accounts":[]})"},
  };
  for (const auto& [call, body] : bodies) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(!read(call, 200, body).error);
    }
  }
}

BOOST_AUTO_TEST_CASE(any_2xx_status_means_that_initiate_was_accepted) {
  for (const int status : {200, 201, 202}) {
    BOOST_TEST_CONTEXT(status) {
      BOOST_TEST(trigger(read(Call::initiate, status, R"({"message":"Request accepted"})")) == "accepted");
    }
  }
  BOOST_TEST(trigger(read(Call::initiate, 204, "")) == "accepted");
}

BOOST_AUTO_TEST_CASE(session_progress_is_read_in_any_letter_case) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"processing", "still_processing"}, {"PROCESSING", "still_processing"},
      {"Completed", "progress_finished"}, {"completed", "progress_finished"},
      {"FAILED", "progress_finished"},    {"failed", "progress_finished"},
      {"queued", "progress_unknown"},
  };
  for (const auto& [progress, expected] : rows) {
    BOOST_TEST_CONTEXT(progress) {
      BOOST_TEST(trigger(read(Call::progress, 200, R"({"session_progress":")" + progress + "\"}")) ==
                 expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_success_without_its_required_field_is_a_passing_fault) {
  const std::vector<std::pair<Call, std::string>> bodies = {
      {Call::upload_status, "{}"},
      {Call::upload_status, R"({"upload_status":null})"},
      {Call::upload_status, R"({"upload_status":{}})"},
      {Call::progress, "{}"},
      {Call::progress, R"({"session_progress":true})"},
      {Call::session_status, "{}"},
      {Call::session_status, R"({"accounts":{}})"},
      {Call::insights, "{}"},
      {Call::insights, R"({"accounts":{}})"},
  };
  for (const auto& [call, body] : bodies) {
    BOOST_TEST_CONTEXT(to_string(call) << " " << body) {
      const Answer answer = read(call, 200, body);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "UNEXPECTED_BODY");
      BOOST_TEST(!answer.payload);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_error_about_a_missing_field_includes_the_message_of_the_answer) {
  const Answer answer = read(Call::insights, 200, R"({"message":"Down for maintenance"})");
  BOOST_TEST(error_message(answer) == "the answer has no accounts: Down for maintenance");
  const Answer silent = read(Call::progress, 200, "{}");
  BOOST_TEST(error_message(silent) == "the answer has no session_progress");
}

BOOST_AUTO_TEST_CASE(the_time_that_a_cache_kept_an_answer_counts_into_its_age) {
  upstream::HttpAnswer http;
  http.status = 200;
  http.age = "10";
  http.body = R"({"upload_status":"COMPLETED","accounts":[]})";
  const Answer answer = upstream::read_answer(question(Call::upload_status), std::move(http), kNow);
  BOOST_TEST(trigger(answer) == "upload_completed");
  BOOST_TEST(answer.event.age.count() == 10'000);
}

BOOST_AUTO_TEST_CASE(an_answer_that_a_cache_kept_for_longer_than_evidence_may_be_old_is_a_passing_fault) {
  for (const Call call : kAllCalls) {
    for (const auto& [status, body] :
         {std::pair{200, success_body(call, "")}, {410, error_body("SESSION_DELETED")}}) {
      upstream::HttpAnswer http;
      http.status = status;
      http.age = "11";
      http.body = body;
      const Answer answer = upstream::read_answer(question(call), std::move(http), kNow);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "OLD_ANSWER");
    }
  }
}

BOOST_AUTO_TEST_CASE(data_beside_an_error_is_kept_byte_for_byte_and_the_error_reported) {
  for (const Call call : {Call::session_status, Call::insights}) {
    for (const std::string code : {"STATEMENT_MISSING", "UNPARSABLE_STATEMENTS"}) {
      const std::string body =
          R"({"error":{"code":")" + code + R"(","message":"m"},"accounts":[{"account_status":"completed"}]})";
      const Answer answer = read(call, 200, body);
      BOOST_TEST_CONTEXT(to_string(call) << " " << code) {
        BOOST_TEST(trigger(answer) ==
                   (call == Call::insights ? "insights_fetched" : "session_status_fetched"));
        BOOST_TEST(answer.event.error_beside_data);
        BOOST_TEST(error_code(answer) == code);
        BOOST_TEST_REQUIRE(answer.payload != nullptr);
        BOOST_TEST(*unpack(*answer.payload) == body);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_error_about_the_whole_session_counts_more_than_data_beside_it) {
  for (const char* code :
       {"SESSION_DELETED", "SESSION_NOT_FOUND", "PROCESSING_NOT_COMPLETED", "ACCESS_DENIED"}) {
    const Answer answer =
        read(Call::insights, 200, R"({"error":{"code":")" + std::string(code) + R"("},"accounts":[{}]})");
    BOOST_TEST(!answer.payload, code);
    BOOST_TEST(!answer.event.error_beside_data, code);
  }
}

BOOST_AUTO_TEST_CASE(an_error_beside_an_empty_list_of_accounts_is_a_refusal) {
  BOOST_TEST(trigger(read(Call::insights, 200, R"({"error":{"code":"NEW"},"accounts":[]})")) == "refused");
  BOOST_TEST(trigger(read(Call::insights, 400, R"({"error":{"code":"NEW"},"accounts":[{}]})")) == "refused");
}

BOOST_AUTO_TEST_CASE(insights_that_list_no_account_are_reported_as_such) {
  BOOST_TEST(read(Call::insights, 200, R"({"accounts":[]})").event.lists_no_account);
  BOOST_TEST(!read(Call::insights, 200, R"({"accounts":[{}]})").event.lists_no_account);
  const std::string named = success_body(Call::initiate, "\"" + kSession.text() + "\"");
  BOOST_TEST(!read(Call::insights, 200, named).event.lists_no_account);
}

BOOST_AUTO_TEST_CASE(a_session_status_that_names_its_session_may_list_no_account) {
  const std::string named = R"({"session_id":")" + kSession.text() + '"';
  for (const std::string& body : {named + "}", named + R"(,"accounts":null})"}) {
    const Answer answer = read(Call::session_status, 200, body);
    BOOST_TEST(trigger(answer) == "session_status_fetched", body);
    BOOST_TEST(answer.event.processing.accounts == 0u);
  }
  for (const std::string body : {R"({"accounts":null})", R"({})"})
    BOOST_TEST(trigger(read(Call::session_status, 200, body)) == "passing_fault", body);
  BOOST_TEST(trigger(read(Call::session_status, 200, named + R"(,"accounts":{}})")) == "passing_fault");
}

BOOST_AUTO_TEST_CASE(numbers_that_json_has_not_are_no_fault_and_are_stored_as_they_came) {
  const std::string named = R"({"session_id":")" + kSession.text() + "\",";
  for (const Call call : {Call::session_status, Call::insights}) {
    const std::string body = named + R"("accounts":[{"months":NaN,"sum":-Infinity}],"x":[Infinity, NaN]})";
    const Answer answer = read(call, 200, body);
    BOOST_TEST_REQUIRE(answer.payload != nullptr);
    BOOST_TEST(*unpack(*answer.payload) == body);
  }
  BOOST_TEST(trigger(read(Call::upload_status, 200,
                          R"({"upload_status":"COMPLETED","accounts":[],"x":NaN})")) == "upload_completed");
}

BOOST_AUTO_TEST_CASE(partial_content_is_no_success_for_any_call_but_initiate) {
  for (const Call call : kAllCalls) {
    const Answer answer = read(call, 206, success_body(call, ""));
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(error_code(answer) == (call == Call::initiate ? "" : "UNEXPECTED_STATUS"));
      BOOST_TEST(!answer.payload);
    }
  }
  BOOST_TEST(trigger(read(Call::initiate, 206, "{}")) == "accepted");
  BOOST_TEST(trigger(read(Call::progress, 206, R"({"session_prog)")) == "passing_fault");
  BOOST_TEST(error_code(read(Call::progress, 206, error_body("SESSION_DELETED"))) == "UNEXPECTED_STATUS");
}

BOOST_AUTO_TEST_CASE(failed_accounts_are_counted_in_any_letter_case) {
  const Answer answer = read(Call::session_status, 200,
                             R"({"accounts":[{"account_status":"FAILED"},{"account_status":"failed"},
                                 {"account_status":"Completed"},{"account_status":null},{}]})");
  BOOST_TEST(trigger(answer) == "session_status_fetched");
  BOOST_TEST(answer.event.processing.accounts == 5u);
  BOOST_TEST(answer.event.processing.failed == 2u);
}

BOOST_AUTO_TEST_CASE(insights_available_is_read_as_yes_no_or_absent) {
  const std::vector<std::pair<std::string, InsightsAvailable>> rows = {
      {R"({"accounts":[],"insights_available":true})", InsightsAvailable::yes},
      {R"({"accounts":[],"insights_available":false})", InsightsAvailable::no},
      {R"({"accounts":[]})", InsightsAvailable::absent},
      {R"({"accounts":[],"insights_available":null})", InsightsAvailable::absent},
  };
  for (const auto& [body, expected] : rows) {
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST((read(Call::session_status, 200, body).event.processing.insights_available == expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_payload_holds_the_exact_bytes_received) {
  const std::string body = "{\"accounts\": [ {\"balance\": 10890.0, \"x\":1E400,\"x\" : 2} ]}\n";
  for (const Call call : {Call::session_status, Call::insights}) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      const Answer answer = read(call, 200, body);
      BOOST_REQUIRE(answer.payload);
      BOOST_TEST(*unpack(*answer.payload) == body);
      BOOST_TEST((answer.payload->fetched_at == kNow));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_not_stored_is_limited_to_8_mib) {
  constexpr std::uint64_t kConfigured = 64ULL << 20;
  constexpr std::uint64_t kUnkept = 8ULL << 20;
  for (const Call call : kAllCalls) {
    const bool kept = call == Call::session_status || call == Call::insights;
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(upstream::max_body_of(call, kConfigured) == (kept ? kConfigured : kUnkept));
      BOOST_TEST(upstream::max_body_of(call, 1000) == 1000u);
      std::string body = success_body(call, "");
      body.insert(body.size() - 1, kUnkept - body.size(), ' ');
      BOOST_TEST(!read(call, 200, body).error);
      const Answer larger = read(call, 200, body + " ");
      BOOST_TEST(error_code(larger) == (kept ? "" : "RESPONSE_TOO_LARGE"));
      if (!kept) BOOST_TEST(trigger(larger) == "passing_fault");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_twelve_megabyte_answer_with_repetitive_texts_is_read) {
  const std::string body = R"({"accounts":[{"account_number":")" + std::string(4'000'000, 'a') +
                           R"(b","error_message":")" + std::string(8'000'000, 'a') + "\"}]}";
  const Answer answer = read(Call::session_status, 200, body);
  BOOST_TEST(trigger(answer) == "session_status_fetched");
  BOOST_REQUIRE(answer.accounts.has_value());
  BOOST_TEST(answer.accounts->size() < 1000u);
}

BOOST_AUTO_TEST_CASE(five_megabytes_of_insights_are_stored_byte_for_byte) {
  std::string body = R"({"session_id":"BFB98AC5-7224-401B-A643-175235856187","accounts":[)";
  for (int i = 0; body.size() < 5'000'000; ++i) {
    body += (i == 0 ? "" : ",") + std::string(R"({"n":)") + std::to_string(i) +
            R"(.50,"narration":"UPI/é/\u20b9"})";
  }
  body += "]}";
  const Answer answer = read(Call::insights, 200, body);
  BOOST_TEST(trigger(answer) == "insights_fetched");
  BOOST_REQUIRE(answer.payload);
  BOOST_TEST(answer.payload->bytes == body.size());
  BOOST_TEST((*unpack(*answer.payload) == body));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
