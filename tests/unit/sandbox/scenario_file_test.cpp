#define BOOST_TEST_DYN_LINK
#include "src/sandbox/scenario_file.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

std::string error_of(std::string_view text) {
  try {
    parse_scenarios(text, "s.toml");
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenario_file)

BOOST_AUTO_TEST_CASE(an_empty_file_defines_the_scenario_complete) {
  const ScenarioFile file = parse_scenarios("", "s.toml");
  BOOST_TEST(file.default_scenario == "complete");
  BOOST_TEST(file.scenarios.at("complete").accounts.size() == 1U);
}

BOOST_AUTO_TEST_CASE(every_key_of_a_scenario_file_is_read) {
  const ScenarioFile file = parse_scenarios(R"(
default = "two"
[[session]]
id = "136B1AA3-4610-4d0a-89f3-03078a2fce92"
link_id = "TU-1"
[server]
keep_alive = "5s"
max_requests_per_connection = 7
chunked = true
[scenario.two]
no_uploads = "500ms"
in_progress = "2s"
then = "in_progress"
reopened = { after = "1s", for = "2s" }
processing = "1m"
stalls = "1h"
progress_end = "never"
expires_in = ""
spelling = { no_uploads = "NO_UPLOAD" }
initiate = { status = 418, code = "TEAPOT", message = "no" }
duplicate_status = 400
forgets_request = 2
found_after = "1s"
deleted_after = "2s"
vanishes_after = "3s"
accounts = [ { bank = "sbi", outcome = "failed", error_code = "BALANCE_MISMATCH", statements = 2 } ]
insights_available = "absent"
insights_size = "1MiB"
[[scenario.two.fault]]
call = "initiate"
nth = [1, 3]
kind = "drop_after"
[[fault]]
from = "5s"
until = "9s"
kind = "status"
retry_after = "date:+2s"
)",
                                            "s.toml");
  const Scenario& two = file.scenarios.at("two");
  BOOST_TEST(file.sessions.at(0).id == "136b1aa3-4610-4d0a-89f3-03078a2fce92");
  BOOST_TEST(file.sessions.at(0).scenario == "two");
  BOOST_TEST(file.server.max_requests_per_connection == 7);
  BOOST_TEST((two.reopened->lasts == 2s));
  BOOST_TEST(!two.expires_in.has_value());
  BOOST_TEST((two.initiate == InitiateRule::refuse));
  BOOST_TEST(two.refusal.status == 418);
  BOOST_TEST(two.accounts.at(0).error_message == "Calculated transaction balance does not match");
  BOOST_TEST(!two.insights_available.has_value());
  BOOST_TEST(two.insights_size == 1024U * 1024U);
  BOOST_TEST(two.faults.at(0).takes_effect);
  BOOST_TEST(file.faults.at(0).retry_after->as_date);
  BOOST_TEST(!file.faults.at(0).trigger.call.has_value());
}

BOOST_AUTO_TEST_CASE(an_error_names_its_position_and_what_is_accepted) {
  BOOST_TEST(error_of("defualt = \"x\"").starts_with("s.toml:1:1: unknown key \"defualt\"; the file takes "));
  BOOST_TEST(error_of("[scenario.a]\nprocessing = \"3 s\"")
                 .starts_with("s.toml:2:14: scenario.a.processing: \"3 s\" is no duration"));
  BOOST_TEST(error_of("[scenario.a]\nprocessing = 3") ==
             "s.toml:2:14: scenario.a.processing: must be a string in quotes");
  BOOST_TEST(error_of("[scenario.a]\nthen = \"done\"").find("use \"no_uploads\"") != std::string::npos);
  BOOST_TEST(error_of("[[session]]\nid = \"7\"").starts_with("s.toml:2:6: session.id: must be a UUID"));
  BOOST_TEST(error_of("[[fault]]\ncall = \"any\"").find("fault.kind: is missing") != std::string::npos);
  BOOST_TEST(error_of("[[fault]]\nkind = \"drop\"\nfirst = 1\nevery = 2").find("exclude each other") !=
             std::string::npos);
  BOOST_TEST(error_of("default = \"x\"").starts_with("s.toml:1:11: default: no scenario has this name"));
  BOOST_TEST(error_of("a = ").starts_with("s.toml:1:"));
}

BOOST_AUTO_TEST_CASE(a_reopened_scenario_without_accounts_gets_a_second_bank) {
  const ScenarioFile file =
      parse_scenarios("[scenario.a]\nreopened = { after = \"1s\", for = \"1s\" }", "s.toml");
  const auto& accounts = file.scenarios.at("a").accounts;
  BOOST_TEST(accounts.size() == 2U);
  BOOST_TEST(accounts.at(1).reopened);
}

BOOST_AUTO_TEST_CASE(the_example_in_the_documentation_is_accepted) {
  std::ifstream stream(BANKCONNECT_SANDBOX_DOCS);
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const std::string fence = "```toml\n";
  const std::size_t begin = page.find(fence);
  BOOST_REQUIRE(begin != std::string::npos);
  const std::string example =
      page.substr(begin + fence.size(), page.find("```\n", begin + 1) - begin - fence.size());
  BOOST_TEST(error_of(example) == "no error");
}

BOOST_AUTO_TEST_SUITE_END()
