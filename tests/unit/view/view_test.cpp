// The JSON of sessions, events and errors, and the form of times, as documented.
#include "bankconnect/view.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace bankconnect::test {

namespace json = boost::json;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(view)

constexpr Wall kTime{std::chrono::milliseconds(1763016524007)};
const std::string kTimeText = "2025-11-13T06:48:44.007Z";
const SessionId kId = *SessionId::parse("BFB98AC5-7224-401B-A643-175235856187");

SessionRecord new_session_record() {
  SessionRecord record;
  record.id = kId;
  return record;
}

SessionRecord full_session() {
  SessionRecord record = new_session_record();
  record.reference = "loan \"7\"";
  Durable& durable = record.durable;
  durable.state = State::enriched;
  durable.upload_status = UploadStatus::completed;
  durable.outcome = Outcome::partial;
  durable.final = true;
  durable.requested_elsewhere = true;
  durable.why = Why::enriched_partly;
  durable.since = durable.submitted_at = durable.expires_at = durable.requested_at = durable.accepted_at =
      kTime;
  record.next_poll_at = kTime;
  record.attempts = 3;
  record.last_error = LastError{"HTTP_503", "busy", kTime};
  record.uploaded_accounts = R"([{"id":"a","number":"XXXX3135"}])";
  record.payloads.push_back({Call::insights, 5, {}, kTime});
  EventRecord event;
  event.seq = 9;
  event.id = kId;
  event.transition.to = State::enriched;
  record.history.push_back(event);
  return record;
}

json::object shown(const SessionRecord& record) {
  return json::parse(session_json(record)).as_object();
}
json::object shown(const EventRecord& event) {
  return json::parse(event_json(event)).as_object();
}

bool same(const json::value& value, const std::string& expected) {
  return value == json::parse(expected);
}

BOOST_AUTO_TEST_CASE(a_time_is_rfc3339_utc_with_milliseconds) {
  const std::vector<std::pair<Wall, std::string>> rows = {
      {kTime, kTimeText},
      {Wall(0ms), "1970-01-01T00:00:00.000Z"},
      {Wall(-1ms), "1969-12-31T23:59:59.999Z"},
      {Wall(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29)) + 86'399'999ms,
       "2024-02-29T23:59:59.999Z"},
      {kNoWall, ""},
  };
  for (const auto& [wall, text] : rows)
    BOOST_TEST(rfc3339(wall) == text);
}

BOOST_AUTO_TEST_CASE(a_new_session_has_every_documented_field) {
  const json::object session = shown(new_session_record());
  for (const char* field :
       {"session_id",    "reference",  "state",    "since",      "final",        "outcome",    "reason",
        "upload_status", "why",        "hold",     "stalled",    "submitted_at", "expires_at", "next_poll_at",
        "attempts",      "last_error", "accounts", "processing", "payloads",     "reports",    "history"}) {
    BOOST_TEST_CONTEXT(field) {
      BOOST_TEST(session.contains(field));
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_values_are_null) {
  const json::object session = shown(new_session_record());
  for (const char* field : {"reference", "since", "outcome", "reason", "upload_status", "submitted_at",
                            "expires_at", "next_poll_at", "last_error"}) {
    BOOST_TEST_CONTEXT(field) {
      BOOST_TEST(session.at(field).is_null());
    }
  }
  BOOST_TEST(session.at("processing").at("requested_at").is_null());
  BOOST_TEST(session.at("processing").at("accepted_at").is_null());
}

BOOST_AUTO_TEST_CASE(empty_lists_are_empty_and_not_null) {
  const json::object session = shown(new_session_record());
  BOOST_TEST(same(session.at("accounts"), "[]"));
  BOOST_TEST(same(session.at("history"), "[]"));
  BOOST_TEST(same(session.at("payloads"), "{}"));
  BOOST_TEST(same(session.at("reports"), "[]"));
}

BOOST_AUTO_TEST_CASE(a_session_shows_all_known_values) {
  const json::object session = shown(full_session());
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"session_id", R"("bfb98ac5-7224-401b-a643-175235856187")"},
      {"reference", R"("loan \"7\"")"},
      {"state", R"("ENRICHED")"},
      {"since", "\"" + kTimeText + "\""},
      {"final", "true"},
      {"outcome", R"("partial")"},
      {"upload_status", R"("COMPLETED")"},
      {"hold", "false"},
      {"stalled", "false"},
      {"submitted_at", "\"" + kTimeText + "\""},
      {"expires_at", "\"" + kTimeText + "\""},
      {"next_poll_at", "\"" + kTimeText + "\""},
      {"attempts", "3"},
      {"last_error", R"({"code":"HTTP_503","message":"busy","at":")" + kTimeText + "\"}"},
      {"accounts", R"([{"id":"a","number":"XXXX3135"}])"},
      {"processing", R"({"requested_at":")" + kTimeText + R"(","accepted_at":")" + kTimeText +
                         R"(","requested_elsewhere":true})"},
      {"payloads", R"({"insights":{"bytes":5,"sha256":")" + std::string(64, '0') + R"(","fetched_at":")" +
                       kTimeText + "\"}}"},
  };
  for (const auto& [field, expected] : rows) {
    BOOST_TEST_CONTEXT(field << ": " << session.at(field)) {
      BOOST_TEST(same(session.at(field), expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(why_is_a_rule_and_a_sentence) {
  const json::object session = shown(full_session());
  BOOST_TEST(session.at("why").at("rule").as_string() == "enriched_partly");
  BOOST_TEST(session.at("why").at("text").as_string().back() == '.');
}

BOOST_AUTO_TEST_CASE(a_refused_session_names_the_code_it_was_refused_with) {
  SessionRecord record = new_session_record();
  record.durable.state = State::failed;
  record.durable.why = Why::failed;
  record.durable.reason = Reason::refused;
  record.last_error = LastError{"SOMETHING_NEW", "", kTime};
  const json::object session = shown(record);
  BOOST_TEST(session.at("reason").as_string() == "REFUSED");
  BOOST_TEST(session.at("reason_code").as_string() == "SOMETHING_NEW");
}

BOOST_AUTO_TEST_CASE(stored_accounts_that_are_not_json_are_shown_as_none) {
  SessionRecord record = full_session();
  record.uploaded_accounts = "[{";
  BOOST_TEST(same(shown(record).at("accounts"), "[]"));
}

BOOST_AUTO_TEST_CASE(a_session_is_one_line) {
  SessionRecord record = full_session();
  record.reference = "two\nlines";
  BOOST_TEST(session_json(record).find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_event_shows_its_fields_by_name) {
  EventRecord event;
  event.seq = 42;
  event.id = kId;
  event.reference = "r";
  event.transition.at = kTime;
  event.transition.from = State::processing;
  event.transition.to = State::failed;
  event.transition.cause = Cause::command;
  event.transition.reason = Reason::refused;
  event.reason_code = "SOMETHING_NEW";
  const json::object out = shown(event);
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"seq", "42"},
      {"at", "\"" + kTimeText + "\""},
      {"session_id", R"("bfb98ac5-7224-401b-a643-175235856187")"},
      {"reference", R"("r")"},
      {"from", R"("PROCESSING")"},
      {"to", R"("FAILED")"},
      {"cause", R"("operator")"},
      {"outcome", "null"},
      {"reason", R"("REFUSED")"},
      {"reason_code", R"("SOMETHING_NEW")"},
  };
  for (const auto& [field, expected] : rows) {
    BOOST_TEST_CONTEXT(field) {
      BOOST_TEST(same(out.at(field), expected));
    }
  }
  BOOST_TEST(!out.contains("erased"));
}

BOOST_AUTO_TEST_CASE(from_is_null_in_the_first_event_of_a_session) {
  EventRecord event;
  event.transition.from = std::nullopt;
  BOOST_TEST(shown(event).at("from").is_null());
  BOOST_TEST(shown(event).at("reference").is_null());
}

BOOST_AUTO_TEST_CASE(an_erased_event_shows_its_number_only) {
  EventRecord event;
  event.seq = 7;
  event.erased = true;
  event.id = kId;
  event.reference = "r";
  BOOST_TEST(same(shown(event), R"({"seq":7,"erased":true})"));
}

BOOST_AUTO_TEST_CASE(the_history_lists_events_in_the_form_of_event_json) {
  const SessionRecord record = full_session();
  BOOST_TEST(same(shown(record).at("history").at(0), event_json(record.history.front())));
}

BOOST_AUTO_TEST_CASE(an_error_is_a_code_and_a_message) {
  BOOST_TEST(error_json({ErrorCode::wrong_state, "not \"now\""}) ==
             R"({"error":{"code":"WRONG_STATE","message":"not \"now\""}})");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
