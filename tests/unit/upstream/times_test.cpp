// Times as BankConnect and HTTP write them.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "src/upstream/timestamps.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;
using upstream::parse_retry_after;
using upstream::parse_timestamp;

BOOST_AUTO_TEST_SUITE(times)

constexpr Wall kSecond{std::chrono::seconds(1763016524)};  // 2025-11-13 06:48:44 UTC

BOOST_AUTO_TEST_CASE(every_documented_form_of_a_timestamp_is_read) {
  const std::vector<std::pair<std::string, Wall>> rows = {
      {"2025-11-13 06:48:44", kSecond},
      {"2025-11-13 06:48:43.660968+00:00", kSecond - 340ms},
      {"2025-11-13T06:48:43.660968Z", kSecond - 340ms},
      {"2025-11-13T06:48:44Z", kSecond},
      {"2025-11-13T06:48:44.5", kSecond + 500ms},
      {"2025-11-13 12:18:44+05:30", kSecond},
      {"2025-11-13T01:48:44-0500", kSecond},
      {"2024-02-29 00:00:00", Wall(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29))},
  };
  for (const auto& [text, expected] : rows) {
    BOOST_TEST_CONTEXT(text) {
      const auto parsed = parse_timestamp(text);
      BOOST_REQUIRE(parsed.has_value());
      BOOST_TEST(parsed->time_since_epoch().count() == expected.time_since_epoch().count());
    }
  }
}

BOOST_AUTO_TEST_CASE(any_other_text_is_no_timestamp) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "2025-11-13",
                           "13/11/2025",
                           "2025-11-13 06:48",
                           "2025-13-01 00:00:00",
                           "2025-02-29 00:00:00",
                           "2025-00-10 00:00:00",
                           "2025-11-00 00:00:00",
                           "2025-11-13 24:00:00",
                           "2025-11-13 06:60:00",
                           "2025-11-13 06:48:61",
                           "2025-11-13 06:48:44 ",
                           " 2025-11-13 06:48:44",
                           "2025-11-13 06:48:44.",
                           "1763016524",
                           "2025-11-13 06:48:44+25:00",
                           "2025-11-13 06:48:44+05:",
                           "2025-11-13 06:48:44ZZ",
                           "2025-11-13x06:48:44",
                           "-025-11-13 06:48:44",
                           "2025-11-13 06:48:44 UTC",
                           "99999-11-13 06:48:44"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!parse_timestamp(text).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_text_with_a_nul_is_no_timestamp) {
  using namespace std::string_literals;
  BOOST_TEST(!parse_timestamp("2025-11-13 06:48:44\0"s).has_value());
}

std::string waits(const std::string& value) {
  const auto wait = parse_retry_after(value, kSecond);
  return wait ? std::to_string(wait->count()) : "nothing";
}

BOOST_AUTO_TEST_CASE(retry_after_takes_seconds_and_the_three_forms_of_http_dates) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"0", "0"},
      {"120", "120000"},
      {" 5 ", "5000"},
      {"Thu, 13 Nov 2025 06:50:44 GMT", "120000"},
      {"Thursday, 13-Nov-25 06:50:44 GMT", "120000"},
      {"Thu Nov 13 06:50:44 2025", "120000"},
      {"Mon Dec  1 06:48:44 2025", "3600000"},
  };
  for (const auto& [value, expected] : rows) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(waits(value) == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_retry_after_date_in_the_past_means_no_wait) {
  for (const char* value :
       {"Wed, 12 Nov 2025 06:48:44 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(waits(value) == "0");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_retry_after_wait_is_at_most_an_hour) {
  for (const char* value : {"3601", "86400", "99999999999999999999999999", "Fri, 13 Nov 2026 06:48:44 GMT",
                            "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(waits(value) == "3600000");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_invalid_retry_after_is_ignored) {
  for (const char* value : {"", " ", "soon", "-5", "+5", "1.5", "0x10", "5s", "Thu, 13 Nov 2025 06:50:44",
                            "Thu, 13 Nov 2025 06:50:44 CET", "Thu, 32 Nov 2025 06:50:44 GMT",
                            "Xyz, 13 Nov 2025 06:50:44 GMT", "Thu, 13 Xyz 2025 06:50:44 GMT", "5, 6"}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(waits(value) == "nothing");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_age_is_read_in_seconds_and_anything_else_ignored) {
  using namespace std::chrono_literals;
  BOOST_TEST((upstream::parse_age("7") == 7s));
  BOOST_TEST((upstream::parse_age(" 3600 , 5") == 3600s));
  BOOST_TEST((upstream::parse_age("99999999999999999999999") == 24h * 365));
  for (const char* text : {"", "0", "-5", "1.5", "old", "1e3"})
    BOOST_TEST((upstream::parse_age(text) == 0s), text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
