// The summary of the accounts in an answer, with account numbers masked.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/upstream/accounts.hpp"
#include "src/upstream/masked_text.hpp"

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

BOOST_AUTO_TEST_CASE(an_account_number_is_masked_but_for_its_last_four_characters) {
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

BOOST_AUTO_TEST_CASE(masking_a_number_with_non_ascii_characters_keeps_it_valid_utf8) {
  BOOST_TEST(masked("१२३४५६७८९") == "XXXX६७८९");
  BOOST_TEST(masked("१२३") == "XXXX");
}

BOOST_AUTO_TEST_CASE(an_account_is_shown_with_the_documented_fields) {
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

BOOST_AUTO_TEST_CASE(the_documented_details_of_accounts_and_statements_are_kept_under_their_names) {
  const json::array shown = summary_of(
      R"([{"account_id":"a","months":["2025-08",7,"2025-09","50100234567890123456789"],"full_bank_name":"Axis Bank","account_type":"savings",
           "created_at":"2025-11-13 06:48:44","last_updated_at":"2025-11-13 06:49:04","name":"A. Person",
           "statements":[{"statement_id":"s","upload_file_name":"168c64e6_axis.pdf","created_at":"2025-11-13 06:48:43",
                          "statement_date_range":{"from_date":"11/08/2025","to_date":"10/11/2025"}}]}])");
  const json::object& account = shown.at(0).as_object();
  BOOST_TEST(json::serialize(account.at("months")) == R"(["2025-08","2025-09"])");
  BOOST_TEST(account.at("full_bank_name").as_string() == "Axis Bank");
  BOOST_TEST(account.at("account_type").as_string() == "savings");
  BOOST_TEST(account.at("last_updated_at").as_string() == "2025-11-13 06:49:04");
  BOOST_TEST(!account.contains("name"));
  const json::object& statement = account.at("statements").at(0).as_object();
  BOOST_TEST(statement.at("upload_file_name").as_string() == "168c64e6_axis.pdf");
  BOOST_TEST(json::serialize(statement.at("statement_date_range")) ==
             R"({"from_date":"11/08/2025","to_date":"10/11/2025"})");
}

BOOST_AUTO_TEST_CASE(an_account_number_in_a_file_name_or_a_type_is_masked) {
  const std::string text = json::serialize(summary_of(
      R"([{"account_number":"924010040573135","account_type":"924010040573135","full_bank_name":"50100234567890",
           "statements":[{"upload_file_name":"924010040573135.pdf"}]}])"));
  BOOST_TEST(text.find("924010040573135") == std::string::npos);
  BOOST_TEST(text.find("50100234567890") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_session_date_range_is_kept_beside_the_accounts) {
  const json::value body = json::parse(
      R"({"accounts":[{"account_id":"a"}],"session_date_range":{"from_date":"11/08/2025","to_date":"11/11/2025"}})");
  const json::object whole = json::parse(upstream::read_accounts(body.as_object()).summary).as_object();
  BOOST_TEST(whole.at("session_date_range").at("to_date").as_string() == "11/11/2025");
  BOOST_TEST(whole.at("accounts").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(progress_is_kept_for_each_statement) {
  const json::value body = json::parse(
      R"({"progress":[{"statement_id":"s1","identity_status":"completed","transaction_status":"processing",
           "processing_status":"processing","fraud_status":null,"message":"account 50100234567890 is read","source":"pdf"}]})");
  const upstream::StatementProgress read = upstream::read_statement_progress(body.as_object());
  const json::array shown = json::parse(read.summary).as_array();
  BOOST_TEST(shown.at(0).at("id").as_string() == "s1");
  BOOST_TEST(shown.at(0).at("identity_status").as_string() == "completed");
  BOOST_TEST(shown.at(0).at("transaction_status").as_string() == "processing");
  BOOST_TEST(shown.at(0).at("message").as_string() == "account XXXX7890 is read");
  BOOST_TEST(!shown.at(0).as_object().contains("fraud_status"));
  BOOST_TEST(read.fingerprint != 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_progress_block_says_nothing_of_statements) {
  for (const char* const body : {"{}", R"({"progress":null})", R"({"progress":[]})", R"({"progress":"x"})"}) {
    const upstream::StatementProgress read = upstream::read_statement_progress(json::parse(body).as_object());
    BOOST_TEST(read.summary.empty());
    BOOST_TEST(read.fingerprint == 0u);
  }
}

BOOST_AUTO_TEST_CASE(null_empty_and_absent_members_give_the_same_summary) {
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

BOOST_AUTO_TEST_CASE(a_full_account_number_is_masked_in_every_member) {
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

BOOST_AUTO_TEST_CASE(a_number_cut_by_the_length_limit_is_masked_whole) {
  const std::string number = "924010040573135";
  const std::string foreign = "50100234567890";
  for (std::size_t before = 270; before <= 301; ++before) {
    const std::string blanks(before, ' ');
    const json::array shown = summary_of(R"([{"account_number":")" + number + R"(","bank_name":")" + blanks +
                                         number + R"(","error_message":")" + blanks + foreign + "\"}]");
    const std::string text = json::serialize(shown);
    BOOST_TEST(text.find("9240") == std::string::npos);
    BOOST_TEST(text.find("5010") == std::string::npos);
  }
  // A mask is shorter than the number: text from beyond the limit moves up, and is masked too.
  std::string many = "a";
  for (int i = 0; i < 60; ++i)
    many += number;
  const json::array shown =
      summary_of(R"([{"account_number":")" + number + R"(","account_id":")" + many + "\"}]");
  BOOST_TEST(json::serialize(shown).find("9240") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_overlong_account_number_is_masked_in_its_field_and_in_other_texts) {
  for (const std::size_t size : {64u, 65u, 100u, 290u}) {
    const std::string number(size, '7');
    const json::array shown =
        summary_of(R"([{"account_number":")" + number + R"(","account_id":"id )" + number + "\"}]");
    const json::object& account = shown.at(0).as_object();
    BOOST_TEST(account.at("number").as_string() == "XXXX7777");
    BOOST_TEST(account.at("id").as_string().starts_with("id XXXX7777"));
    BOOST_TEST(json::serialize(shown).find(number) == std::string::npos);
  }
  // The limit of 64 bytes falls within a character.
  std::string odd = "ab";
  for (int i = 0; i < 40; ++i)
    odd += "₹";
  BOOST_TEST(summary_of(R"([{"account_number":")" + odd + R"(","account_id":")" + odd + "\"}]").size() == 1u);
}

BOOST_AUTO_TEST_CASE(masking_reads_long_texts_only_as_far_as_they_are_shown) {
  const std::string text(8'000'000, 'a');
  const std::string number = std::string(4'000'000, 'a') + "b";
  // Searching the whole text for the number would take hours.
  const json::array shown =
      summary_of(R"([{"account_number":")" + number + R"(","error_message":")" + text + "\"}]");
  const json::object& account = shown.at(0).as_object();
  BOOST_TEST(account.at("number").as_string() == "XXXXaaab");
  BOOST_TEST(account.at("error_message").as_string().size() == 300u);
}

BOOST_AUTO_TEST_CASE(an_account_number_given_as_a_json_number_is_not_shown_in_full) {
  const std::string text = json::serialize(summary_of(R"([{"account_number":924010040573135}])"));
  BOOST_TEST(text.find("92401004057") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(dates_and_uuids_are_not_masked) {
  const json::array shown = summary_of(
      R"([{"account_id":"d35b9df1-871d-43d1-b6c1-675212282855","account_number":"2025",
           "missing_data":[{"from_date":"2025-11-03","to_date":"11/11/2025"}]}])");
  const json::object& account = shown.at(0).as_object();
  BOOST_TEST(account.at("id").as_string() == "d35b9df1-871d-43d1-b6c1-675212282855");
  BOOST_TEST(account.at("missing_data").as_array().at(0).at("to_date").as_string() == "11/11/2025");
  BOOST_TEST(account.at("missing_data").as_array().at(0).at("from_date").as_string() == "2025-11-03");
}

BOOST_AUTO_TEST_CASE(members_of_an_unexpected_type_count_as_absent) {
  for (const char* accounts : {"null", "{}", "\"x\"", "7", "[]", "[null,1,\"x\",[]]"}) {
    BOOST_TEST_CONTEXT(accounts) {
      BOOST_TEST(summary_of(accounts).empty());
      BOOST_TEST(fingerprint_of(accounts) == 0u);
    }
  }
  BOOST_TEST(summary_of(R"([{"account_id":7,"statements":{},"missing_data":"x"}])").size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_fingerprint_changes_only_with_what_is_shown) {
  const std::uint32_t before = fingerprint_of(R"([{"account_id":"a","statements":[]}])");
  BOOST_TEST(before != 0u);
  BOOST_TEST(before != fingerprint_of(R"([{"account_id":"a","statements":[{"statement_id":"s"}]}])"));
  BOOST_TEST(before == fingerprint_of(R"([{"account_id":"a","statements":[],"new_field":5}])"));
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_at_a_character_boundary) {
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

/// `{"accounts":[…]}` of as many equal accounts, `account` in JSON.
json::value accounts_of(int number, const std::string& account) {
  std::string many;
  for (int i = 0; i < number; ++i)
    many += (i == 0 ? "" : ",") + account;
  return json::parse(R"({"accounts":[)" + many + "]}");
}

std::string list_of(int number, const std::string& item) {
  std::string many = "[";
  for (int i = 0; i < number; ++i)
    many += (i == 0 ? "" : ",") + item;
  return many + "]";
}

BOOST_AUTO_TEST_CASE(omitted_members_are_counted_at_the_end_of_their_list) {
  const json::value body = accounts_of(
      3, R"({"statements":)" + list_of(400, "{}") + R"(,"missing_data":)" + list_of(101, "{}") + "}");
  const upstream::Accounts read = read_accounts(body.as_object());
  BOOST_TEST(read.statements == 1200u);
  const json::array shown = json::parse(read.summary).as_array();
  BOOST_REQUIRE(shown.size() == 3u);
  BOOST_TEST(shown.at(0).at("statements").as_array().size() == 400u);
  BOOST_TEST(!shown.at(0).as_object().contains("more_statements"));
  BOOST_TEST(shown.at(2).at("statements").as_array().size() == 200u);
  BOOST_TEST(shown.at(2).at("more_statements") == 200);
  BOOST_TEST(shown.at(2).at("missing_data").as_array().size() == 100u);
  BOOST_TEST(shown.at(2).at("more_missing_data") == 1);
  BOOST_TEST(!shown.at(2).as_object().contains("more_accounts"));

  const json::array many = json::parse(read_accounts(accounts_of(1001, "{}").as_object()).summary).as_array();
  BOOST_REQUIRE(many.size() == 1000u);
  BOOST_TEST(many.back().at("more_accounts") == 1);
}

BOOST_AUTO_TEST_CASE(the_summary_never_exceeds_its_size_limit) {
  // A control character takes six bytes in JSON.
  std::string controls;
  for (int i = 0; i < 300; ++i)
    controls += "\\u0001";
  const std::string fat = R"({"account_id":")" + controls + R"(","statement_id":")" + controls +
                          R"(","from_date":")" + controls + R"(","error_message":")" + controls + "\"";
  const std::vector<json::value> bodies = {
      accounts_of(1, R"({"statements":)" + list_of(1'000'000, "{}") + "}"),
      accounts_of(2000, R"({"statements":[{}],"missing_data":)" + list_of(101, "{}") + "}"),
      accounts_of(2000, fat + "}"),
      accounts_of(20, fat + R"(,"statements":)" + list_of(50, fat + "}") + R"(,"missing_data":)" +
                          list_of(50, fat + "}") + "}"),
  };
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> totals = {
      {1, 1'000'000}, {2000, 2000}, {2000, 0}, {20, 1000}};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    BOOST_TEST_CONTEXT(i) {
      const upstream::Accounts read = read_accounts(bodies.at(i).as_object());
      BOOST_TEST(read.summary.size() <= 256u * 1024u);
      BOOST_TEST(read.accounts == totals.at(i).first);
      BOOST_TEST(read.statements == totals.at(i).second);
      std::uint64_t accounts = 0;
      std::uint64_t statements = 0;
      const json::array shown = json::parse(read.summary).as_array();
      for (const json::value& value : shown) {
        const json::object& account = value.as_object();
        const auto more = [&](const char* name) -> std::uint64_t {
          return account.contains(name) ? account.at(name).to_number<std::uint64_t>() : 0;
        };
        accounts += 1 + more("more_accounts");
        statements += account.at("statements").as_array().size() + more("more_statements");
      }
      BOOST_TEST(accounts == read.accounts);
      // The statements of omitted accounts are counted nowhere.
      BOOST_TEST(statements <= read.statements);
      if (i == 0 || i == 3) BOOST_TEST(statements == read.statements);
    }
  }
}

BOOST_AUTO_TEST_CASE(when_space_is_short_accounts_are_kept_before_their_statements) {
  const std::string sentence(300, 'x');
  const json::value body =
      accounts_of(300, R"({"statements":)" + list_of(10, R"({"error_message":")" + sentence + "\"}") + "}");
  const json::array shown = json::parse(read_accounts(body.as_object()).summary).as_array();
  BOOST_REQUIRE(shown.size() == 300u);
  BOOST_TEST(shown.at(0).at("statements").as_array().size() == 10u);
  BOOST_TEST(shown.at(299).at("more_statements") == 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
