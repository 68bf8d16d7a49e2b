// The accounts of an answer, as people may see them.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/upstream/accounts.hpp"

namespace bankconnect::test {

namespace json = boost::json;
using upstream::masked;
using upstream::read_accounts;

BOOST_AUTO_TEST_SUITE(accounts)

json::array summary_of(const std::string& accounts) {
  const json::value body = json::parse(R"({"accounts":)" + accounts + "}");
  return json::parse(read_accounts(body.as_object()).summary).as_array();
}

std::uint32_t fingerprint_of(const std::string& accounts) {
  const json::value body = json::parse(R"({"accounts":)" + accounts + "}");
  return read_accounts(body.as_object()).fingerprint;
}

BOOST_AUTO_TEST_CASE(an_account_number_is_masked_to_its_last_four) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"924010040573135", "XXXX3135"},
      {"XXXXXXXXXXXX3135", "XXXX3135"},
      {"12345678", "XXXX5678"},
      {"1234", "XXXX"},
      {"1", "XXXX"},
  };
  for (const auto& [number, expected] : rows) {
    BOOST_TEST_CONTEXT(number) {
      BOOST_TEST(masked(number) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_number_of_characters_beyond_ascii_stays_valid_text) {
  BOOST_TEST(masked("१२३४५६७८९") == "XXXX६७८९");
  BOOST_TEST(masked("१२३") == "XXXX");
}

BOOST_AUTO_TEST_CASE(an_account_is_shown_with_the_contracts_fields) {
  const json::array shown = summary_of(
      R"([{"account_id":"d35b9df1","bank_name":"axis","account_number":"924010040573135","account_status":"PARTIAL",
           "error_code":"INCOMPLETE_MONTHS","error_message":"months are missing","name":"A. Person",
           "missing_data":[{"from_date":"2025-11-03","to_date":"2025-11-11"}],
           "statements":[{"statement_id":"s1","statement_status":"failed","source":"pdf",
                          "error_code":"PASSWORD_INCORRECT","error_message":"wrong password"}]}])");
  const json::value expected = json::parse(
      R"([{"id":"d35b9df1","bank":"axis","number":"XXXX3135","status":"PARTIAL",
           "error_code":"INCOMPLETE_MONTHS","error_message":"months are missing",
           "statements":[{"id":"s1","status":"failed","source":"pdf",
                          "error_code":"PASSWORD_INCORRECT","error_message":"wrong password"}],
           "missing_data":[{"from_date":"2025-11-03","to_date":"2025-11-11"}]}])");
  BOOST_TEST(json::serialize(shown) == json::serialize(expected));
}

BOOST_AUTO_TEST_CASE(null_empty_and_absent_mean_the_same) {
  const std::vector<std::string> same = {
      R"([{"account_id":"a"}])",
      R"([{"account_id":"a","error_code":null,"error_message":null,"bank_name":null,"statements":null}])",
      R"([{"account_id":"a","error_code":"","error_message":"","account_number":"","missing_data":[]}])",
  };
  for (const std::string& accounts : same) {
    BOOST_TEST(json::serialize(summary_of(accounts)) == json::serialize(summary_of(same.front())));
    BOOST_TEST(fingerprint_of(accounts) == fingerprint_of(same.front()));
  }
}

BOOST_AUTO_TEST_CASE(no_full_number_survives_wherever_it_stands) {
  const std::string number = "924010040573135";
  const json::array shown = summary_of(
      R"([{"account_number":"924010040573135","account_id":"axis-924010040573135","bank_name":"axis 924010040573135",
           "error_message":"no months for 924010040573135 and 50100234567890","error_code":"X_924010040573135",
           "missing_data":[{"from_date":"924010040573135","to_date":""}],
           "statements":[{"statement_id":"924010040573135.pdf","error_message":"924010040573135 is locked"}]}])");
  const std::string text = json::serialize(shown);
  BOOST_TEST_CONTEXT(text) {
    BOOST_TEST(text.find(number) == std::string::npos);
    BOOST_TEST(text.find("50100234567890") == std::string::npos);
    BOOST_TEST(text.find("XXXX3135 is locked") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_number_that_is_a_json_number_is_shown_masked_or_not_at_all) {
  const std::string text = json::serialize(summary_of(R"([{"account_number":924010040573135}])"));
  BOOST_TEST(text.find("92401004057") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(dates_and_ids_of_the_usual_forms_are_left_alone) {
  const json::array shown = summary_of(
      R"([{"account_id":"d35b9df1-871d-43d1-b6c1-675212282855","account_number":"2025",
           "missing_data":[{"from_date":"2025-11-03","to_date":"11/11/2025"}]}])");
  const json::object& account = shown.at(0).as_object();
  BOOST_TEST(account.at("id").as_string() == "d35b9df1-871d-43d1-b6c1-675212282855");
  BOOST_TEST(account.at("missing_data").as_array().at(0).at("to_date").as_string() == "11/11/2025");
  BOOST_TEST(account.at("missing_data").as_array().at(0).at("from_date").as_string() == "2025-11-03");
}

BOOST_AUTO_TEST_CASE(whatever_has_another_type_is_taken_as_absent) {
  for (const char* accounts : {"null", "{}", "\"x\"", "7", "[]", "[null,1,\"x\",[]]"}) {
    BOOST_TEST_CONTEXT(accounts) {
      BOOST_TEST(summary_of(accounts).empty());
      BOOST_TEST(fingerprint_of(accounts) == 0u);
    }
  }
  BOOST_TEST(summary_of(R"([{"account_id":7,"statements":{},"missing_data":"x"}])").size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_fingerprint_changes_with_what_is_shown) {
  const std::uint32_t before = fingerprint_of(R"([{"account_id":"a","statements":[]}])");
  BOOST_TEST(before != 0u);
  BOOST_TEST(before != fingerprint_of(R"([{"account_id":"a","statements":[{"statement_id":"s"}]}])"));
  BOOST_TEST(before == fingerprint_of(R"([{"account_id":"a","statements":[],"new_field":5}])"));
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_between_characters) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'a');
    for (int i = 0; i < 200; ++i)
      text += "₹";
    const json::array shown = summary_of(R"([{"error_message":")" + text + "\"}]");
    const json::string& kept = shown.at(0).at("error_message").as_string();
    BOOST_TEST(kept.size() <= 300u);
    BOOST_TEST(kept.size() >= 295u);
  }
}

BOOST_AUTO_TEST_CASE(all_accounts_are_counted_even_when_not_all_are_shown) {
  std::string many = "[";
  for (int i = 0; i < 1500; ++i)
    many += R"({"account_status":"failed","statements":[{}]},)";
  many.back() = ']';
  const json::value body = json::parse(R"({"accounts":)" + many + "}");
  const upstream::Accounts read = read_accounts(body.as_object());
  BOOST_TEST(read.accounts == 1500u);
  BOOST_TEST(read.failed == 1500u);
  BOOST_TEST(read.statements == 1500u);
  BOOST_TEST(json::parse(read.summary).as_array().size() == 1000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
