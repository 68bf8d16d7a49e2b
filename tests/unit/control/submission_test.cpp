// Submitting sessions, one or as a batch.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct BadSubmission {
  const char* body;
  const char* code;
};
std::ostream& operator<<(std::ostream& out, const BadSubmission& bad) {
  return out << bad.body;
}

const BadSubmission kBadSubmissions[] = {
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
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"hold\":true,\"hold\":false}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"h\\u006fld\":true,\"hold\":false}",
     "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"reference\":1}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\",\"reference\":\"a\\nb\"}", "BAD_REQUEST"},
    {"{\"session_id\":\"00000001-1234-4abc-8def-0123456789ab\"} x", "BAD_REQUEST"},
};

std::string result_of(const json::object& line) {
  return text_of(line.at("result"));
}

struct Submissions : RunningControl {
  std::vector<json::object> batch_lines(const std::string& body) {
    return call("POST", "/v1/sessions", "application/x-ndjson", body).lines();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(submission, Submissions)

BOOST_AUTO_TEST_CASE(a_new_session_is_201_with_the_session) {
  const HttpResponse response =
      submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"loan 7\",\"hold\":true}");
  BOOST_TEST(response.status == 201);
  BOOST_TEST(text_of(response.object().at("session_id")) == uuid(1));
  BOOST_TEST(text_of(response.object().at("reference")) == "loan 7");
  BOOST_TEST(text_of(response.object().at("state")) == "NO_UPLOADS");
  BOOST_TEST(response.object().at("hold").as_bool());
  BOOST_TEST(get("/v1/sessions/" + uuid(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_session_that_is_followed_already_is_200_with_its_reference_unchanged) {
  submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"first\"}");
  const HttpResponse again = submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"second\"}");
  BOOST_TEST(again.status == 200);
  BOOST_TEST(text_of(again.object().at("reference")) == "first");
}

BOOST_AUTO_TEST_CASE(a_reference_given_later_fills_an_empty_one) {
  submit_id(uuid(1));
  const HttpResponse again = submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"loan 7\"}");
  BOOST_TEST(text_of(again.object().at("reference")) == "loan 7");
  BOOST_TEST(text_of(get("/v1/sessions/" + uuid(1)).object().at("reference")) == "loan 7");
}

BOOST_AUTO_TEST_CASE(a_line_of_a_batch_says_which_reference_a_known_session_keeps) {
  submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"first\"}");
  const auto lines =
      batch_lines("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"second\"}\n{\"session_id\":\"" +
                  uuid(1) + "\",\"reference\":\"first\"}\n");
  BOOST_TEST(text_of(lines.at(0).at("kept_reference")) == "first");
  BOOST_TEST(!lines.at(1).contains("kept_reference"));
}

BOOST_AUTO_TEST_CASE(hold_holds_a_session_that_is_followed_already) {
  submit_id(uuid(1));
  const HttpResponse held = submit("{\"session_id\":\"" + uuid(1) + "\",\"hold\":true}");
  BOOST_TEST(held.status == 200);
  BOOST_TEST(held.object().at("hold").as_bool());
  submit_id(uuid(2));
  const auto lines = batch_lines("{\"session_id\":\"" + uuid(2) + "\",\"hold\":true}\n");
  BOOST_TEST(result_of(lines.at(0)) == "already_followed");
  BOOST_TEST(lines.at(0).at("held").as_bool());
  BOOST_TEST(get("/v1/sessions/" + uuid(2)).object().at("hold").as_bool());
}

BOOST_AUTO_TEST_CASE(an_id_is_accepted_in_any_letter_case_and_stored_in_lower_case) {
  const HttpResponse response = submit_id("ABCDEF01-1234-4ABC-8DEF-0123456789AB");
  BOOST_TEST(text_of(response.object().at("session_id")) == "abcdef01-1234-4abc-8def-0123456789ab");
  BOOST_TEST(get("/v1/sessions/ABCDEF01-1234-4abc-8DEF-0123456789AB").status == 200);
}

BOOST_DATA_TEST_CASE_F(RunningControl, a_malformed_submission_is_refused_with_its_code,
                       boost::unit_test::data::make(kBadSubmissions), bad) {
  const HttpResponse response = submit(bad.body);
  BOOST_TEST(response.status == 400);
  BOOST_TEST(response.error_code() == bad.code);
}

BOOST_AUTO_TEST_CASE(another_content_type_is_415) {
  for (const char* type : {"", "application/xml", "application/jsonx"}) {
    const HttpResponse response = call("POST", "/v1/sessions", type, "{\"session_id\":\"" + uuid(1) + "\"}");
    BOOST_TEST(response.status == 415);
  }
}

BOOST_AUTO_TEST_CASE(bad_lines_of_a_batch_do_not_affect_the_others) {
  const std::string body = "{\"session_id\":\"" + uuid(1) + "\"}\n" + "{oops\n" + "{\"session_id\":\"x\"}\n" +
                           "{\"session_id\":\"" + uuid(2) + "\",\"reference\":\"r\"}\n" + "\n" +
                           "{\"session_id\":\"" + uuid(1) + "\"}";
  const HttpResponse response = call("POST", "/v1/sessions", "application/x-ndjson", body);
  BOOST_TEST(response.status == 200);
  const auto lines = response.lines();
  BOOST_REQUIRE(lines.size() == 5U);
  const char* expected[] = {"accepted", "rejected", "rejected", "accepted", "already_followed"};
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(result_of(lines[i]) == expected[i]);
  BOOST_TEST(text_of(lines[1].at("error").at("code")) == "BAD_REQUEST");
  BOOST_TEST(text_of(lines[2].at("error").at("code")) == "INVALID_SESSION_ID");
  BOOST_TEST(text_of(lines[3].at("session_id")) == uuid(2));
  BOOST_TEST(lines[1].at("line").to_number<int>() == 2);
  BOOST_TEST(text_of(lines[1].at("text")) == "{oops");
  BOOST_TEST(lines[4].at("line").to_number<int>() == 6);
}

BOOST_AUTO_TEST_CASE(lists_are_read_as_spreadsheets_and_editors_leave_them) {
  const auto braced = [](std::uint32_t n) { return "{" + uuid(n) + "}"; };
  const std::string body = "\xEF\xBB\xBF" + uuid(1) + "\r\n\r\n# yesterday's\r\n  \"" + uuid(2) + "\" \r\n'" +
                           uuid(3) + "'\n" + braced(4) + "\nurn:uuid:" + uuid(5) + "\nURN:UUID:" + uuid(6) +
                           "\n\"" + braced(7) + "\"\n\t\nfrom: a sheet\n";
  const HttpResponse response = call("POST", "/v1/sessions", "text/plain", body);
  const auto lines = response.lines();
  BOOST_REQUIRE(lines.size() == 8U);
  for (std::uint32_t i = 0; i < 7; ++i) {
    BOOST_TEST(result_of(lines[i]) == "accepted");
    BOOST_TEST(text_of(lines[i].at("session_id")) == uuid(i + 1));
  }
  BOOST_TEST(result_of(lines[7]) == "rejected");
  BOOST_TEST(lines[7].at("line").to_number<int>() == 11);
  BOOST_TEST(text_of(lines[7].at("text")) == "from: a sheet");
}

BOOST_AUTO_TEST_CASE(ids_in_json_lines_may_be_decorated_and_those_of_single_objects_not) {
  const std::string object = R"({"session_id":"{)" + uuid(1) + "}\"}";
  BOOST_TEST(submit(object).status == 400);
  const auto lines = call("POST", "/v1/sessions", "application/x-ndjson", object + "\n# no more").lines();
  BOOST_REQUIRE(lines.size() == 1U);
  BOOST_TEST(result_of(lines[0]) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_batch_of_blank_lines_alone_is_answered_with_nothing) {
  const HttpResponse response = call("POST", "/v1/sessions", "text/plain", std::string(3'000'000, '\n'));
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.lines().empty());
}

BOOST_AUTO_TEST_CASE(an_object_of_64_kib_is_accepted_and_a_longer_one_is_413) {
  const std::string object = "{\"session_id\":\"" + uuid(1) + "\"}";
  const std::string longest = object + std::string(64 * 1024 - object.size(), ' ');
  BOOST_TEST(submit(longest).status == 201);
  for (const std::string& more : {longest + " ", std::string(64 * 1024 + 1, '{')}) {
    const HttpResponse response = submit(more);
    BOOST_TEST(response.status == 413);
    BOOST_TEST(response.error_code() == "PAYLOAD_TOO_LARGE");
  }
}

BOOST_AUTO_TEST_CASE(a_line_longer_than_64_kib_is_rejected_without_affecting_the_others) {
  const std::string blanks(64 * 1024, ' ');
  for (const std::string type : {"application/x-ndjson", "text/plain"}) {
    const bool objects = type != "text/plain";
    const auto line = [objects](const std::string& id) {
      return objects ? "{\"session_id\":\"" + id + "\"}" : id;
    };
    const std::uint32_t first = objects ? 0 : 10;
    const HttpResponse response = call("POST", "/v1/sessions", type,
                                       line(uuid(first)) + "\n" + line(uuid(first + 1)) + blanks + "\n" +
                                           line(uuid(first + 2)) + "\n" + blanks + line(uuid(first + 3)));
    BOOST_TEST(response.status == 200);
    const auto lines = response.lines();
    BOOST_REQUIRE(lines.size() == 4U);
    const char* expected[] = {"accepted", "rejected", "accepted", "rejected"};
    for (std::size_t i = 0; i < lines.size(); ++i)
      BOOST_TEST(result_of(lines[i]) == expected[i], type);
    for (const std::size_t i : {1U, 3U})
      BOOST_TEST(text_of(lines[i].at("error").at("code")) == "PAYLOAD_TOO_LARGE");
  }
}

BOOST_AUTO_TEST_CASE(long_lines_make_small_chunks) {
  constexpr std::uint32_t kCount = 200;
  std::string member = "\"x\":[0";  // slow to parse, and unknown
  while (member.size() < 60'000)
    member += ",[]";
  std::string body;
  for (std::uint32_t i = 0; i < kCount; ++i)
    body += "{\"session_id\":\"" + uuid(i) + "\"," + member + "]}\n{\"session_id\":\"" + uuid(i) + "\"}\n";
  Client client(path);
  client.send(raw("POST", "/v1/sessions", "application/x-ndjson", body));
  std::string response = client.read_until("\r\n\r\n");
  const std::string size = client.read_until("\r\n");
  const std::string first = client.read_exactly(std::stoul(size, nullptr, 16));
  BOOST_TEST(std::ranges::count(first, '\n') <= 20);
  response += size + first + client.read_all();
  const auto lines = parse_response(response).lines();
  BOOST_REQUIRE(lines.size() == 2 * kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    BOOST_REQUIRE(result_of(lines[2 * i]) == "rejected");
    BOOST_REQUIRE(result_of(lines[2 * i + 1]) == "accepted");
  }
}

BOOST_AUTO_TEST_CASE(plain_text_has_one_id_per_line_with_any_line_ending) {
  const HttpResponse response = call("POST", "/v1/sessions", "text/plain; charset=utf-8",
                                     uuid(1) + "\r\n  " + uuid(2) + " \nnonsense\n" + uuid(3));
  const auto lines = response.lines();
  BOOST_REQUIRE(lines.size() == 4U);
  const char* expected[] = {"accepted", "accepted", "rejected", "accepted"};
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_TEST(result_of(lines[i]) == expected[i]);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_not_utf_8_is_rejected_in_valid_json) {
  const HttpResponse response =
      call("POST", "/v1/sessions", "text/plain", "\xff\xfe\x01\n" + std::string(99, 'a') + "\xc3\xa9\n");
  const auto lines = response.lines();
  BOOST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(result_of(lines[0]) == "rejected");
  BOOST_TEST(result_of(lines[1]) == "rejected");
}

BOOST_AUTO_TEST_CASE(an_empty_batch_has_an_empty_response) {
  const HttpResponse response = call("POST", "/v1/sessions", "text/plain", "");
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.body.empty());
}

BOOST_AUTO_TEST_CASE(a_batch_of_100_000_ids_streams_its_results_while_other_requests_are_served) {
  constexpr std::uint32_t kCount = 100'000;
  std::string body;
  for (std::uint32_t i = 0; i < kCount; ++i)
    body += uuid(i) + "\n";
  Client client(path);
  client.send(raw("POST", "/v1/sessions", "text/plain", body));
  std::string response = client.read_until("accepted");
  BOOST_TEST(response.starts_with("HTTP/1.1 200"));

  std::atomic<bool> done{false};
  std::thread reader([&] {
    response += client.read_all();
    done = true;
  });
  auto slowest = std::chrono::steady_clock::duration::zero();
  int requests = 0;
  while (!done) {
    const auto began = std::chrono::steady_clock::now();
    BOOST_REQUIRE(get("/v1/status").status == 200);
    slowest = std::max(slowest, std::chrono::steady_clock::now() - began);
    ++requests;
  }
  reader.join();
  BOOST_TEST_MESSAGE("/v1/status was answered " << requests << " times meanwhile, the slowest in "
                                                << slowest / std::chrono::milliseconds(1) << " ms");
  BOOST_TEST((slowest < std::chrono::seconds(2)));
  const auto lines = parse_response(response).lines();
  BOOST_REQUIRE(lines.size() == kCount);
  for (std::uint32_t i = 0; i < kCount; i += 997)
    BOOST_REQUIRE(text_of(lines[i].at("session_id")) == uuid(i));
}

BOOST_AUTO_TEST_CASE(a_batch_whose_client_closes_ends_early_and_is_logged_once) {
  constexpr std::uint32_t kCount = 20'000;  // their results do not fit into the socket's buffers
  std::string body;
  for (std::uint32_t i = 0; i < kCount; ++i)
    body += uuid(i) + "\n";
  Client client(path);
  client.send(raw("POST", "/v1/sessions", "text/plain", body));
  client.read_until("accepted");
  client.close();
  BOOST_TEST_REQUIRE(reaches_connections(0));
  const std::size_t stored = get("/v1/events").lines().size();
  BOOST_TEST(stored >= 500U);
  BOOST_TEST(stored < kCount);
  BOOST_TEST(changes_logged == std::vector<std::string>{"submit"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_that_arrives_after_the_stop_is_not_accepted) {
  Client client(path);
  client.send(
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n\r\n");
  stop();
  client.send(uuid(1) + "\n");
  BOOST_TEST(client.read_all().find("accepted") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
