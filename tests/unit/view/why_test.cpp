// Why a session is where it is: one sentence to read out, and the answers that decided.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bankconnect/view.hpp"

namespace bankconnect::test {

namespace json = boost::json;

namespace {

constexpr Wall kAnswered{std::chrono::milliseconds(1763016524007)};
constexpr Wall kFetched{std::chrono::milliseconds(1763016540000)};
const std::string kAnsweredText = "2025-11-13T06:48:44.007Z";

const std::string kAccounts = R"([
  {"id":"a1","bank":"axis","number":"XXXX3135","status":"failed","error_code":"BALANCE_MISMATCH"},
  {"id":"a2","bank":"hdfc","number":"XXXX0001","status":"FAILED","error_code":null},
  {"id":"a3","bank":"icici","number":"XXXX0002","status":"completed","error_code":null}])";

SessionRecord record_with(State state, Why why, const Evidence& evidence) {
  SessionRecord record;
  record.durable.state = state;
  record.durable.why = why;
  record.evidence = evidence;
  return record;
}

SessionRecord accounts_failed(const Evidence& evidence) {
  SessionRecord record = record_with(State::failed, Why::failed, evidence);
  record.durable.reason = Reason::accounts_failed;
  record.processed_accounts = kAccounts;
  record.payloads.push_back({Call::session_status, 1, {}, kFetched});
  return record;
}

json::object why_of(const SessionRecord& record) {
  return json::parse(session_json(record)).at("why").as_object();
}

std::string text_of(const SessionRecord& record) {
  return json::value_to<std::string>(why_of(record).at("text"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(why)

BOOST_AUTO_TEST_CASE(the_evidence_names_the_answer_its_field_and_its_value) {
  const auto why = why_of(record_with(State::in_progress, Why::in_progress,
                                      {Call::upload_status, kAnswered, "upload_status", "IN PROGRESS", ""}));
  const json::object& piece = why.at("evidence").as_array().at(0).as_object();
  BOOST_TEST(piece.at("call").as_string() == "upload_status");
  BOOST_TEST(json::value_to<std::string>(piece.at("at")) == kAnsweredText);
  BOOST_TEST(piece.at("field").as_string() == "upload_status");
  BOOST_TEST(piece.at("value").as_string() == "IN PROGRESS");
  BOOST_TEST(piece.at("account").is_null());
  BOOST_TEST(piece.at("statement").is_null());
}

BOOST_AUTO_TEST_CASE(the_sentence_says_which_answer_told_it_and_when) {
  const Evidence told{Call::upload_status, kAnswered, "upload_status", "COMPLETED", ""};
  BOOST_TEST(text_of(record_with(State::in_progress, Why::in_progress, told)) ==
             "Uploads have begun (0 accounts, 0 statements) but are not complete, told by upload_status at "
             "2025-11-13 06:48:44 UTC.");
  // What follows from it stays behind the semicolon.
  BOOST_TEST(text_of(record_with(State::completed, Why::completed, told)) ==
             "Uploads are complete (0 accounts, 0 statements), told by upload_status at 2025-11-13 06:48:44 "
             "UTC; processing is being asked for.");
}

BOOST_AUTO_TEST_CASE(each_account_that_failed_is_evidence_by_itself) {
  const SessionRecord record =
      accounts_failed({Call::session_status, kAnswered, "account_status", "failed", ""});
  const json::object why = why_of(record);
  const json::array& evidence = why.at("evidence").as_array();
  BOOST_TEST_REQUIRE(evidence.size() == 3U);
  BOOST_TEST(evidence.at(1).at("account").as_string() == "a1");
  BOOST_TEST(evidence.at(1).at("bank").as_string() == "axis");
  BOOST_TEST(evidence.at(1).at("number").as_string() == "XXXX3135");
  BOOST_TEST(evidence.at(1).at("field").as_string() == "error_code");
  BOOST_TEST(evidence.at(1).at("value").as_string() == "BALANCE_MISMATCH");
  BOOST_TEST(json::value_to<std::string>(evidence.at(1).at("at")) == rfc3339(kFetched));
  BOOST_TEST(evidence.at(2).at("field").as_string() == "account_status");
  BOOST_TEST(evidence.at(2).at("value").as_string() == "failed");
  BOOST_TEST(text_of(record) ==
             "Every account failed: axis XXXX3135: BALANCE_MISMATCH, hdfc XXXX0001: failed, told by "
             "session_status at 2025-11-13 06:49:00 UTC.");
}

BOOST_AUTO_TEST_CASE(insights_that_bankconnect_denies_are_not_blamed_on_the_accounts) {
  const SessionRecord record =
      accounts_failed({Call::session_status, kAnswered, "insights_available", "false", ""});
  BOOST_TEST(why_of(record).at("evidence").as_array().size() == 1U);
  BOOST_TEST(text_of(record) ==
             "BankConnect says that there are no insights for this session, told by session_status at "
             "2025-11-13 06:48:44 UTC.");
}

BOOST_AUTO_TEST_CASE(a_partial_outcome_names_the_accounts_that_failed) {
  SessionRecord record = record_with(State::enriched, Why::enriched_partly,
                                     {Call::insights, kAnswered, "accounts", "present", ""});
  record.processed_accounts = kAccounts;
  BOOST_TEST(text_of(record) ==
             "Session status and insights are stored; some accounts failed: axis XXXX3135: BALANCE_MISMATCH, "
             "hdfc XXXX0001: failed, told by session_status at 2025-11-13 06:48:44 UTC.");
}

BOOST_AUTO_TEST_CASE(of_many_accounts_that_failed_three_are_named) {
  SessionRecord record = accounts_failed({Call::session_status, kAnswered, "account_status", "failed", ""});
  json::array many;
  for (int i = 0; i < 5; ++i)
    many.push_back({{"id", std::to_string(i)}, {"bank", "axis"}, {"number", nullptr}, {"status", "failed"}});
  record.processed_accounts = json::serialize(many);
  BOOST_TEST(text_of(record).starts_with(
      "Every account failed: axis: failed, axis: failed, axis: failed and 2 more, told by"));
}

BOOST_AUTO_TEST_CASE(the_statement_that_an_error_names_is_in_the_evidence) {
  SessionRecord record = record_with(
      State::failed, Why::failed, {Call::initiate, kAnswered, "error.code", "UNPARSABLE_STATEMENTS", "s1"});
  record.durable.reason = Reason::unparsable_statements;
  BOOST_TEST(why_of(record).at("evidence").as_array().at(0).at("statement").as_string() == "s1");
}

BOOST_AUTO_TEST_CASE(an_operators_command_is_evidence_without_a_call) {
  const SessionRecord record =
      record_with(State::processing, Why::reopened, {std::nullopt, kAnswered, "command", "retry", ""});
  BOOST_TEST(why_of(record).at("evidence").as_array().at(0).at("call").is_null());
  BOOST_TEST(text_of(record) ==
             "An operator reopened the session with the command retry at 2025-11-13 06:48:44 UTC.");
}

BOOST_AUTO_TEST_CASE(a_session_without_an_answer_yet_has_no_evidence) {
  SessionRecord record;
  BOOST_TEST(why_of(record).at("evidence").as_array().empty());
  BOOST_TEST(text_of(record) == "Submitted; BankConnect has not answered for it yet.");
}

BOOST_AUTO_TEST_CASE(no_sentence_leaves_open_which_of_two_things_happened) {
  for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(kLastWhy); ++number) {
    for (std::uint8_t reason = 0; reason <= static_cast<std::uint8_t>(Reason::refused); ++reason) {
      SessionRecord record = accounts_failed({Call::progress, kAnswered, "error.code", "CODE", ""});
      record.durable.why = static_cast<Why>(number);
      record.durable.reason = static_cast<Reason>(reason);
      if (record.durable.why == Why::failed && record.durable.reason == Reason::none) continue;
      const std::string text = text_of(record);
      BOOST_TEST(text.find(" or ") == std::string::npos, text);
      BOOST_TEST(text.ends_with('.'), text);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
