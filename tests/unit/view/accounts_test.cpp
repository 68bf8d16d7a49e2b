// The accounts of a session: what the answers to three calls said of them, put together.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bankconnect/view.hpp"

namespace bankconnect::test {

namespace json = boost::json;

namespace {

json::object shown_session(const SessionRecord& record) {
  return json::parse(session_json(record)).as_object();
}

const std::string kUploaded = R"({"session_date_range":{"from_date":"11/08/2025","to_date":"11/11/2025"},
  "accounts":[{"id":"a1","bank":"axis","status":"PARTIAL","months":["2025-08"],"full_bank_name":"Axis Bank",
    "statements":[{"id":"s1","status":"completed","upload_file_name":"x_axis.pdf"}],"missing_data":[]}]})";
const std::string kProcessed = R"([{"id":"a1","bank":"axis","status":"completed","error_code":null,
    "statements":[{"id":"s1","status":"completed"}],"missing_data":[]}])";
const std::string kProgress = R"([{"id":"s1","identity_status":"completed","fraud_status":"processing"}])";

}  // namespace

BOOST_AUTO_TEST_SUITE(accounts_of_three_answers)

BOOST_AUTO_TEST_CASE(before_processing_they_are_as_uploaded) {
  SessionRecord record;
  record.uploaded_accounts = kUploaded;
  const json::object session = shown_session(record);
  BOOST_TEST(session.at("accounts").at(0).at("status").as_string() == "PARTIAL");
  BOOST_TEST(session.at("session_date_range").at("from_date").as_string() == "11/08/2025");
}

BOOST_AUTO_TEST_CASE(after_processing_what_only_the_upload_status_says_is_kept) {
  SessionRecord record;
  record.uploaded_accounts = kUploaded;
  record.processed_accounts = kProcessed;
  const json::object session = shown_session(record);
  const json::object& account = session.at("accounts").at(0).as_object();
  BOOST_TEST(account.at("status").as_string() == "completed");
  BOOST_TEST(account.at("full_bank_name").as_string() == "Axis Bank");
  BOOST_TEST(account.at("months").at(0).as_string() == "2025-08");
  BOOST_TEST(account.at("statements").at(0).at("upload_file_name").as_string() == "x_axis.pdf");
}

BOOST_AUTO_TEST_CASE(a_statement_shows_the_documented_fields_of_progress) {
  SessionRecord record;
  record.uploaded_accounts = kUploaded;
  record.statement_progress = kProgress;
  for (const std::string& processed : {std::string(), kProcessed}) {
    record.processed_accounts = processed;
    const json::object session = shown_session(record);
    const json::value& statement = session.at("accounts").at(0).at("statements").at(0);
    BOOST_TEST(statement.at("identity_status").as_string() == "completed");
    BOOST_TEST(statement.at("fraud_status").as_string() == "processing");
  }
}

BOOST_AUTO_TEST_CASE(an_error_of_the_upload_is_not_shown_once_processing_found_none) {
  SessionRecord record;
  record.uploaded_accounts = R"([{"id":"a1","error_code":"INCOMPLETE_MONTHS","statements":[]}])";
  record.processed_accounts = kProcessed;
  BOOST_TEST(shown_session(record).at("accounts").at(0).at("error_code").is_null());
}

BOOST_AUTO_TEST_CASE(accounts_without_an_id_are_shown_as_they_are) {
  SessionRecord record;
  record.uploaded_accounts = R"([{"id":null,"months":["2025-08"],"statements":[]}])";
  record.processed_accounts = R"([{"id":null,"bank":"axis","statements":[]}])";
  record.statement_progress = R"([{"id":null,"message":"x"}])";
  BOOST_TEST(!shown_session(record).at("accounts").at(0).as_object().contains("months"));
}

BOOST_AUTO_TEST_CASE(a_session_without_a_date_range_shows_none) {
  SessionRecord record;
  record.uploaded_accounts = "[]";
  BOOST_TEST(shown_session(record).at("session_date_range").is_null());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
