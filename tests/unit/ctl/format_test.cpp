// What a person is shown, whatever BankConnect or a client has put into it.
#include "src/ctl/format.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <ctime>

namespace bankconnect::test {
namespace {

namespace json = boost::json;

/// Sets the terminal's title, begins a line and turns the reading direction.
constexpr const char* kHostile =
    "x\x1b]0;owned\x07\nhealth           ok\r\xc2\x9b"
    "2J\xe2\x80\xae\x7f";

/// An object with this in every one of these members.
json::object all(std::initializer_list<json::string_view> keys) {
  json::object out;
  for (const json::string_view key : keys)
    out[key] = kHostile;
  return out;
}

json::object hostile_event() {
  json::object event = all({"at", "session_id", "from", "to", "cause", "outcome", "reason"});
  event["seq"] = 7;
  return event;
}

json::object hostile_session() {
  json::object session = all({"session_id", "reference", "state", "since", "outcome", "reason",
                              "upload_status", "submitted_at", "expires_at", "next_poll_at"});
  session["why"] = all({"text"});
  session["processing"] = all({"requested_at", "accepted_at"});
  session["last_error"] = all({"code", "message"});
  session["anomalies"] = json::array{kHostile};
  session["accounts"] = json::array{all({"bank", "number", "status", "error_code", "error_message"})};
  session["payloads"] = json::object{{kHostile, all({"sha256"})}};
  json::object report = all({"account", "format"});
  report["error"] = all({"code"});
  session["reports"] = json::array{std::move(report)};
  session["history"] = json::array{hostile_event()};
  return session;
}

json::object hostile_status() {
  json::object status = all({"version", "health"});
  status["problems"] = json::array{all({"code", "text"})};
  status["sessions"] = json::object{{kHostile, 1}};
  status["upstream"] = all({"breaker"});
  status["webhooks"] = all({"state", "last_received_at"});
  status["webhooks"].as_object()["registered"] = all({"webhook_url", "result", "at"});
  status["oldest_non_final_session"] = all({"session_id"});
  return status;
}

void says_nothing_to_the_terminal(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    BOOST_TEST((byte == '\n' || (byte >= 0x20 && byte != 0x7f)), static_cast<int>(byte) << " in " << text);
  }
  for (const char* forbidden : {"\xc2\x9b", "\xe2\x80\xae"})
    BOOST_TEST(text.find(forbidden) == std::string::npos, text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(showing)

BOOST_AUTO_TEST_CASE(lines_of_tables_are_one_line_and_say_nothing_to_the_terminal) {
  const json::object webhook = all({"last_received_at", "session_id", "result", "event_name"});
  for (const std::string& line :
       {ctl::session_line(hostile_session()), ctl::event_line(hostile_event()), ctl::webhook_line(webhook)}) {
    BOOST_TEST(line.find('\n') == std::string::npos, line);
    says_nothing_to_the_terminal(line);
  }
}

BOOST_AUTO_TEST_CASE(a_page_has_a_line_a_fact_and_no_fact_makes_one_of_its_own) {
  const std::string page = ctl::session_details(hostile_session());
  says_nothing_to_the_terminal(page);
  BOOST_TEST(std::ranges::count(page, '\n') == 19, page);
  BOOST_TEST(page.find("\nhealth") == std::string::npos, page);
}

BOOST_AUTO_TEST_CASE(neither_does_the_status) {
  const std::string page = ctl::status_details(hostile_status());
  says_nothing_to_the_terminal(page);
  BOOST_TEST(page.find("\nhealth           ok") == std::string::npos, page);
}

BOOST_AUTO_TEST_CASE(what_can_be_read_is_shown_as_it_is) {
  json::object session = all({});
  session["session_id"] = "00000001-1234-4abc-8def-0123456789ab";
  session["accounts"] = json::array{json::object{{"bank", "\xe0\xa4\xac\xe0\xa5\x88"}, {"number", "XX1234"}}};
  const std::string page = ctl::session_details(session);
  BOOST_TEST(page.find("\xe0\xa4\xac\xe0\xa5\x88") != std::string::npos, page);
  BOOST_TEST(page.find("session          00000001-1234") != std::string::npos, page);
}

BOOST_AUTO_TEST_CASE(times_for_people_carry_their_zone) {
  const json::object session{
      {"session_id", "s"}, {"state", "COMPLETED"}, {"since", "2026-11-29T02:38:15.101Z"}};
  BOOST_TEST(ctl::session_line(session).find(" 2026-11-29 02:38:15Z ") != std::string::npos);
  BOOST_TEST(ctl::session_details(session).find("2026-11-29 02:38:15Z\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(times_by_the_local_clock_carry_its_offset) {
  ::setenv("TZ", "Asia/Kolkata", 1);
  ::tzset();
  const json::object session{{"session_id", "s"},
                             {"state", "COMPLETED"},
                             {"since", "2026-11-29T20:38:15.101Z"},
                             {"reference", "2026"},
                             {"history", json::array{json::object{{"at", "2026-11-29T20:38:15.101Z"}}}}};
  const json::object local = ctl::with_local_times(session);
  BOOST_TEST(local.at("since").as_string() == "2026-11-30 02:08:15+05:30");
  BOOST_TEST(local.at("history").at(0).at("at").as_string() == "2026-11-30 02:08:15+05:30");
  BOOST_TEST(local.at("reference").as_string() == "2026");
  BOOST_TEST(ctl::session_line(local).find(" 2026-11-30 02:08:15+05:30 ") != std::string::npos);
  ::unsetenv("TZ");
  ::tzset();
}

BOOST_AUTO_TEST_CASE(each_statement_has_a_line_with_what_is_known_of_it) {
  const json::object statement{
      {"id", "s1"},
      {"status", "completed"},
      {"upload_file_name", "axis.pdf"},
      {"statement_date_range", {{"from_date", "11/08/2025"}, {"to_date", "10/11/2025"}}},
      {"identity_status", "completed"},
      {"fraud_status", "processing"},
      {"error_code", "PDF_IS_IMAGE"}};
  const json::object session{
      {"session_id", "s"},
      {"accounts", json::array{json::object{{"bank", "axis"}, {"statements", json::array{statement}}}}}};
  const std::string page = ctl::session_details(session);
  BOOST_TEST(page.find("axis.pdf") != std::string::npos, page);
  BOOST_TEST(
      page.find("completed, 11/08/2025 to 10/11/2025, identity completed, fraud processing PDF_IS_IMAGE") !=
          std::string::npos,
      page);
}

BOOST_AUTO_TEST_CASE(one_statement_is_a_statement) {
  for (const auto& [count, text] :
       {std::pair{0U, "0 statements"}, {1U, "1 statement\n"}, {2U, "2 statements"}}) {
    json::object account{{"bank", "axis"}};
    account["statements"] = json::array(count);
    const json::object session{{"session_id", "s"}, {"accounts", json::array{account}}};
    BOOST_TEST(ctl::session_details(session).find(text) != std::string::npos, text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
