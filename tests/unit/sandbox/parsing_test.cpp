#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/sandbox/ids.hpp"
#include "src/sandbox/number_parsing.hpp"
#include "src/sandbox/options.hpp"
#include "src/sandbox/route.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(parsing)

BOOST_AUTO_TEST_CASE(times_are_written_in_the_documented_formats) {
  const Instant at{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13} + 6h + 48min + 43s + 660968us};
  BOOST_TEST(spaced_seconds(at) == "2025-11-13 06:48:43");
  BOOST_TEST(spaced_micros(at) == "2025-11-13 06:48:43.660968+00:00");
  BOOST_TEST(iso_micros(at) == "2025-11-13T06:48:43.660968Z");
  BOOST_TEST(iso_millis(at) == "2025-11-13T06:48:43.660Z");
  BOOST_TEST(http_date(at) == "Thu, 13 Nov 2025 06:48:43 GMT");
  BOOST_TEST(slash_date(date_of(at)) == "13/11/2025");
}

BOOST_AUTO_TEST_CASE(an_impossible_date_and_an_iso_date_are_refused) {
  BOOST_TEST(parse_slash_date("11/08/2025").has_value());
  BOOST_TEST(!parse_slash_date("31/02/2025").has_value());
  BOOST_TEST(!parse_slash_date("2025-08-11").has_value());
}

BOOST_AUTO_TEST_CASE(durations_and_sizes_need_a_unit) {
  BOOST_TEST((parse_duration("500ms") == 500ms));
  BOOST_TEST((parse_duration("30d") == 720h));
  BOOST_TEST(!parse_duration("2").has_value());
  BOOST_TEST(!parse_duration("-2s").has_value());
  BOOST_TEST(!parse_duration("").has_value());
  BOOST_TEST(!parse_duration("4000000000d").has_value());
  BOOST_TEST((parse_size("300KiB") == 300U * 1024U));
  BOOST_TEST(!parse_size("300").has_value());
}

BOOST_AUTO_TEST_CASE(derived_and_random_ids_are_valid_uuids) {
  BOOST_TEST(is_uuid("136B1AA3-4610-4d0a-89f3-03078a2fce92"));
  BOOST_TEST(!is_uuid("136b1aa346104d0a89f303078a2fce92"));
  BOOST_TEST(is_uuid(derived_uuid("a")));
  BOOST_TEST(derived_uuid("a") == derived_uuid("a"));
  BOOST_TEST(derived_uuid("a") != derived_uuid("b"));
  BOOST_TEST(is_uuid(random_uuid()));
}

BOOST_AUTO_TEST_CASE(paths_are_mapped_to_calls) {
  const auto route = route_of("/bank-connect/v1/session_data/abc/session_upload_status/");
  BOOST_TEST((route->call == Call::upload_status));
  BOOST_TEST(route->session_id == "abc");
  BOOST_TEST(!route->older_alias);
  BOOST_TEST(route_of("/v1/session_data/abc/upload_status/")->older_alias);
  BOOST_TEST(route_of("/v1/session_data/abc/progress")->slash_missing);
  BOOST_TEST((route_of("/v1/session_data/update_webhook/")->call == Call::update_webhook));
  BOOST_TEST(!route_of("/v2/session/").has_value());
  BOOST_TEST(!route_of("/v1/session_data/abc/nothing/").has_value());
  BOOST_TEST(query_value("/sandbox/log?a=1&session_id=x", "session_id") == "x");
  BOOST_TEST(query_value("/sandbox/log", "session_id") == "");
}

BOOST_AUTO_TEST_CASE(only_a_loopback_address_with_a_port_is_accepted_by_listen) {
  BOOST_TEST(parse_listen("127.0.0.1:0").port() == 0);
  BOOST_TEST(parse_listen("[::1]:8900").address().is_v6());
  BOOST_CHECK_THROW(parse_listen("0.0.0.0:8900"), std::invalid_argument);
  BOOST_CHECK_THROW(parse_listen("127.0.0.1"), std::invalid_argument);
  BOOST_CHECK_THROW(parse_listen("127.0.0.1:99999"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(webhook_options_are_read_and_checked) {
  const auto read = [](std::vector<std::string> words) {
    words.insert(words.begin(), "bankconnect-sandbox");
    std::vector<char*> arguments;
    for (std::string& word : words)
      arguments.push_back(word.data());
    return read_command_line(static_cast<int>(arguments.size()), arguments.data());
  };
  const CommandLine right = read({"--webhook-url", "http://127.0.0.1:8080/x", "--webhook-secret-file", "s"});
  BOOST_TEST_REQUIRE(right.options.has_value());
  BOOST_TEST(right.options->webhook_url == "http://127.0.0.1:8080/x");
  BOOST_TEST(right.options->webhook_secret_file == "s");
  BOOST_TEST(read({"--webhook-url", "127.0.0.1:8080"}).exit_code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
