// Section [reports].
#include <boost/test/unit_test.hpp>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_reports, Folder)

BOOST_AUTO_TEST_CASE(formats_that_are_named_twice_count_once) {
  const LoadedConfig loaded = load("[reports]\nfetch = ['xml', 'xlsx', 'xml']\n");
  BOOST_TEST(lines(loaded).empty(), lines(loaded));
  BOOST_TEST((loaded.config.follow.report_formats ==
              std::vector<ReportFormat>{ReportFormat::xml, ReportFormat::xlsx}));
}

BOOST_AUTO_TEST_CASE(mistakes_about_reports_say_what_would_be_right) {
  const std::pair<const char*, const char*> rows[] = {
      {"fetch = ['pdf']", "a list of \"xlsx\" and \"xml\""},
      {"fetch = 'xlsx'", "a list of \"xlsx\" and \"xml\""},
      {"allow = ['https://s3.example']", "expected a host, or *. and a domain"},
      {"allow = ['*']", "expected a host, or *. and a domain"},
      {"allow = ['a*.example']", "expected a host, or *. and a domain"},
      {"allow = ['']", "expected a host, or *. and a domain"},
      {"fetch = ['xml']\nallow = []", "wants reports from somewhere"},
      {"patience = '0s'", "a duration from \"1s\""},
  };
  for (const auto& [toml, expected] : rows) {
    const std::string mistakes = lines(load(std::string("[reports]\n") + toml + "\n"));
    BOOST_TEST(mistakes.find(expected) != std::string::npos, toml << ": " << mistakes);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
