// The chapter about the configuration says what the program does.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "src/daemon/config_keys.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(config_reference)

std::string chapter() {
  std::ifstream in(BANKCONNECT_ROOT "/docs/configuration.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

BOOST_AUTO_TEST_CASE(the_chapter_holds_the_table_of_this_program) {
  const std::string begin = "<!-- generated:keys -->\n";
  const std::string end = "<!-- end:keys -->";
  const std::string text = chapter();
  const auto from = text.find(begin);
  const auto to = text.find(end);
  BOOST_REQUIRE(from != std::string::npos);
  BOOST_REQUIRE(to != std::string::npos);
  const auto start = from + begin.size();
  BOOST_TEST(text.substr(start, to - start) == configuration_reference(),
             "docs/configuration.md is out of date; between its marks belongs:\n"
                 << configuration_reference());
}

BOOST_AUTO_TEST_CASE(the_table_has_a_row_for_every_key) {
  const std::string table = configuration_reference();
  for (const daemon::Key& key : daemon::keys()) {
    BOOST_TEST_CONTEXT(key.name) {
      BOOST_TEST(table.find("\n| `" + key.name + "` | `" + key.show(Config{}) + "` | ") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_row_of_the_table_has_four_cells) {
  const std::string table = configuration_reference();
  std::size_t begin = 0;
  while (begin < table.size()) {
    const std::size_t end = table.find('\n', begin);
    const std::string row = table.substr(begin, end - begin);
    BOOST_TEST_CONTEXT(row) {
      BOOST_TEST(std::count(row.begin(), row.end(), '|') == 5);
    }
    begin = end + 1;
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
