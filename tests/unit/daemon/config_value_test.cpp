// Durations and sizes as people write them.
#include "src/daemon/config_value.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace bankconnect::test {

using daemon::parse_duration;
using daemon::parse_size;
using daemon::show_duration;
using daemon::show_size;

BOOST_AUTO_TEST_SUITE(config_value)

BOOST_AUTO_TEST_CASE(a_duration_is_a_whole_number_and_a_unit) {
  const std::vector<std::pair<std::string, std::int64_t>> rows = {
      {"500ms", 500},      {"2s", 2'000}, {"5m", 300'000},     {"1h", 3'600'000},
      {"30d", 2592000000}, {"0s", 0},     {"90000ms", 90'000}, {"007s", 7'000},
  };
  for (const auto& [text, milliseconds] : rows) {
    BOOST_TEST_CONTEXT(text) {
      const auto parsed = parse_duration(text);
      BOOST_REQUIRE(parsed.has_value());
      BOOST_TEST(parsed->count() == milliseconds);
    }
  }
}

BOOST_AUTO_TEST_CASE(text_without_number_and_unit_is_not_a_duration) {
  for (const char* text : {"", "5", "s", "ms", "5 s", " 5s", "5s ", "-5s", "-0s", "+5s", "1.5s", "5S", "5min",
                           "1h30m", "5us", "99999999999999999999s", "9223372036854775807d", "5s\n"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!parse_duration(text).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_duration_is_shown_in_its_largest_exact_unit) {
  const std::vector<std::pair<std::int64_t, std::string>> rows = {
      {0, "0s"}, {1, "1ms"}, {1'500, "1500ms"}, {60'000, "1m"}, {61'000, "61s"}, {86'400'000, "1d"}};
  for (const auto& [milliseconds, text] : rows)
    BOOST_TEST(show_duration(Duration(milliseconds)) == text);
}

BOOST_AUTO_TEST_CASE(a_size_is_a_whole_number_and_a_binary_unit) {
  const std::vector<std::pair<std::string, std::int64_t>> rows = {
      {"512B", 512}, {"16KiB", 16'384}, {"64MiB", 67'108'864}, {"1GiB", 1'073'741'824}, {"0B", 0}};
  for (const auto& [text, bytes] : rows) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(parse_size(text).has_value());
      BOOST_TEST(*parse_size(text) == bytes);
      BOOST_TEST(show_size(bytes) == text);
    }
  }
}

BOOST_AUTO_TEST_CASE(text_without_number_and_binary_unit_is_not_a_size) {
  for (const char* text :
       {"", "64", "64MB", "64mib", "64 MiB", "-1B", "1.5MiB", "9223372036854775807GiB", "MiB"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!parse_size(text).has_value());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
