// Handing sessions in.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct Bad {
  const char* body;
  const char* code;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.body;
}

const Bad kBad[] = {
    {"", "BAD_REQUEST"},
    {"not json", "BAD_REQUEST"},
    {"[]", "BAD_REQUEST"},
    {"{}", "BAD_REQUEST"},
    {"{\"session_id\":7}", "INVALID_SESSION_ID"},
    {"{\"session_id\":\"7\"}", "INVALID_SESSION_ID"},
    {"{\"session_id\":\"{00000001-1234-4abc-8def-0123456789ab}\"}", "INVALID_SESSION_ID"},
    {"{\"session_id\":\" 00000001-1234-4abc-8def-0123456789ab\"}", "INVALID_SESSION_ID"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"colour\":1}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"hold\":1}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"reference\":1}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"reference\":\"a\\nb\"}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\"} x", "BAD_REQUEST"},
};

std::string outcome(const json::object& line) {
  return text_of(line.at("result"));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(submission, RunningControl)

BOOST_AUTO_TEST_CASE(a_new_session_is_created_and_shown) {
  const HttpAnswer answer =
      submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"loan 7\",\"hold\":true}");
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(text_of(answer.object().at("session_id")) == uuid(1));
  BOOST_TEST(text_of(answer.object().at("reference")) == "loan 7");
  BOOST_TEST(text_of(answer.object().at("state")) == "NO_UPLOADS");
  BOOST_TEST(answer.object().at("hold").as_bool());
  BOOST_TEST(get("/v1/sessions/" + uuid(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_session_followed_already_is_200_with_its_reference_unchanged) {
  submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"first\"}");
  const HttpAnswer again = submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"second\"}");
  BOOST_TEST(again.status == 200);
  BOOST_TEST(text_of(again.object().at("reference")) == "first");
}

BOOST_AUTO_TEST_CASE(an_id_is_taken_in_any_case_and_kept_in_lower_case) {
  const HttpAnswer answer = submit_id("ABCDEF01-1234-4ABC-8DEF-0123456789AB");
  BOOST_TEST(text_of(answer.object().at("session_id")) == "abcdef01-1234-4abc-8def-0123456789ab");
  BOOST_TEST(get("/v1/sessions/ABCDEF01-1234-4abc-8DEF-0123456789AB").status == 200);
}

BOOST_DATA_TEST_CASE_F(RunningControl, what_is_no_submission_is_refused_with_its_code,
                       boost::unit_test::data::make(kBad), bad) {
  const HttpAnswer answer = submit(bad.body);
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.error_code() == bad.code);
}

BOOST_AUTO_TEST_CASE(another_content_type_is_415) {
  for (const char* type : {"", "application/xml", "application/jsonx"}) {
    const HttpAnswer answer = call("POST", "/v1/sessions", type, "{\"session_id\":\"" + uuid(1) + "\"}");
    BOOST_TEST(answer.status == 415);
  }
}

BOOST_AUTO_TEST_CASE(bad_lines_among_good_ones_cost_their_neighbours_nothing) {
  const std::string body = "{\"session_id\":\"" + uuid(1) + "\"}\n" + "{oops\n" + "{\"session_id\":\"x\"}\n" +
                           "{\"session_id\":\"" + uuid(2) + "\",\"reference\":\"r\"}\n" + "\n" +
                           "{\"session_id\":\"" + uuid(1) + "\"}";
  const HttpAnswer answer = call("POST", "/v1/sessions", "application/x-ndjson", body);
  BOOST_TEST(answer.status == 200);
  const auto lines = answer.lines();
  BOOST_REQUIRE(lines.size() == 6U);
  const char* expected[] = {"accepted", "rejected", "rejected", "accepted", "rejected", "already_followed"};
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(outcome(lines[i]) == expected[i]);
  BOOST_TEST(text_of(lines[1].at("error").at("code")) == "BAD_REQUEST");
  BOOST_TEST(text_of(lines[2].at("error").at("code")) == "INVALID_SESSION_ID");
  BOOST_TEST(text_of(lines[3].at("session_id")) == uuid(2));
}

BOOST_AUTO_TEST_CASE(an_object_is_read_up_to_its_longest_and_refused_unread_beyond) {
  const std::string object = "{\"session_id\":\"" + uuid(1) + "\"}";
  const std::string longest = object + std::string(64 * 1024 - object.size(), ' ');
  BOOST_TEST(submit(longest).status == 201);
  for (const std::string& more : {longest + " ", std::string(64 * 1024 + 1, '{')}) {
    const HttpAnswer answer = submit(more);
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(answer.error_code() == "PAYLOAD_TOO_LARGE");
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_rejected_by_itself) {
  const std::string blanks(64 * 1024, ' ');
  for (const std::string type : {"application/x-ndjson", "text/plain"}) {
    const bool objects = type != "text/plain";
    const auto line = [objects](const std::string& id) {
      return objects ? "{\"session_id\":\"" + id + "\"}" : id;
    };
    const int first = objects ? 0 : 10;
    const HttpAnswer answer = call("POST", "/v1/sessions", type,
                                   line(uuid(first)) + "\n" + line(uuid(first + 1)) + blanks + "\n" +
                                       line(uuid(first + 2)) + "\n" + blanks + line(uuid(first + 3)));
    BOOST_TEST(answer.status == 200);
    const auto lines = answer.lines();
    BOOST_REQUIRE(lines.size() == 4U);
    const char* expected[] = {"accepted", "rejected", "accepted", "rejected"};
    for (std::size_t i = 0; i < lines.size(); ++i)
      BOOST_TEST(outcome(lines[i]) == expected[i], type);
    for (const std::size_t i : {1U, 3U})
      BOOST_TEST(text_of(lines[i].at("error").at("code")) == "PAYLOAD_TOO_LARGE");
  }
}

BOOST_AUTO_TEST_CASE(long_lines_are_read_a_few_at_a_time) {
  constexpr std::uint32_t kCount = 200;
  std::string nothing = "\"x\":[0";  // takes long to read, and is no member there is
  while (nothing.size() < 60'000)
    nothing += ",[]";
  std::string body;
  for (std::uint32_t i = 0; i < kCount; ++i)
    body += "{\"session_id\":\"" + uuid(i) + "\"," + nothing + "]}\n{\"session_id\":\"" + uuid(i) + "\"}\n";
  Client client(path);
  client.send(raw("POST", "/v1/sessions", "application/x-ndjson", body));
  std::string answer = client.read_until("\r\n\r\n");
  const std::string size = client.read_until("\r\n");
  const std::string first = client.read_exactly(std::stoul(size, nullptr, 16));
  BOOST_TEST(std::ranges::count(first, '\n') <= 20);
  answer += size + first + client.read_all();
  const auto lines = parsed(answer).lines();
  BOOST_REQUIRE(lines.size() == 2 * kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    BOOST_REQUIRE(outcome(lines[2 * i]) == "rejected");
    BOOST_REQUIRE(outcome(lines[2 * i + 1]) == "accepted");
  }
}

BOOST_AUTO_TEST_CASE(plain_text_is_an_id_a_line_with_any_line_end) {
  const HttpAnswer answer = call("POST", "/v1/sessions", "text/plain; charset=utf-8",
                                 uuid(1) + "\r\n  " + uuid(2) + " \nnonsense\n" + uuid(3));
  const auto lines = answer.lines();
  BOOST_REQUIRE(lines.size() == 4U);
  const char* expected[] = {"accepted", "accepted", "rejected", "accepted"};
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(outcome(lines[i]) == expected[i]);
}

BOOST_AUTO_TEST_CASE(a_line_of_broken_characters_is_answered_in_proper_json) {
  const HttpAnswer answer =
      call("POST", "/v1/sessions", "text/plain", "\xff\xfe\x01\n" + std::string(99, 'a') + "\xc3\xa9\n");
  const auto lines = answer.lines();
  BOOST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(outcome(lines[0]) == "rejected");
  BOOST_TEST(outcome(lines[1]) == "rejected");
}

BOOST_AUTO_TEST_CASE(an_empty_batch_has_an_empty_answer) {
  const HttpAnswer answer = call("POST", "/v1/sessions", "text/plain", "");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body.empty());
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_ids_stream_their_results_and_others_are_served_meanwhile) {
  constexpr std::uint32_t kCount = 100'000;
  std::string body;
  for (std::uint32_t i = 0; i < kCount; ++i)
    body += uuid(i) + "\n";
  Client client(path);
  client.send(raw("POST", "/v1/sessions", "text/plain", body));
  std::string answer = client.read_until("accepted");
  BOOST_TEST(answer.starts_with("HTTP/1.1 200"));

  std::atomic<bool> done{false};
  std::thread reader([&] {
    answer += client.read_all();
    done = true;
  });
  auto slowest = std::chrono::steady_clock::duration::zero();
  int asked = 0;
  while (!done) {
    const auto began = std::chrono::steady_clock::now();
    BOOST_REQUIRE(get("/v1/status").status == 200);
    slowest = std::max(slowest, std::chrono::steady_clock::now() - began);
    ++asked;
  }
  reader.join();
  BOOST_TEST_MESSAGE("/v1/status was answered " << asked << " times meanwhile, the slowest in "
                                                << slowest / std::chrono::milliseconds(1) << " ms");
  BOOST_TEST((slowest < std::chrono::seconds(2)));
  const auto lines = parsed(answer).lines();
  BOOST_REQUIRE(lines.size() == kCount);
  for (std::uint32_t i = 0; i < kCount; i += 997)
    BOOST_REQUIRE(text_of(lines[i].at("session_id")) == uuid(i));
}

BOOST_AUTO_TEST_CASE(a_daemon_that_stops_takes_no_new_work) {
  Client client(path);
  client.send(
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n\r\n");
  stop();
  client.send(uuid(1) + "\n");
  BOOST_TEST(client.read_all().find("accepted") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
