// Style that a machine can check.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <regex>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(files_are_small_rooms) {
  for (const Source& source : sources({"statemachine", "src", "include", "tests"}, {".hpp", ".cpp"})) {
    BOOST_TEST(source.lines.size() <= 420U, source.path << " has " << source.lines.size() << " lines");
  }
}

BOOST_AUTO_TEST_CASE(every_header_says_what_it_gives_before_it_gives_it) {
  for (const Source& source : sources({"statemachine", "src", "include"}, {".hpp"})) {
    const auto says =
        std::ranges::find_if(source.lines, [](const auto& line) { return line.starts_with("//"); });
    const auto gives = std::ranges::find_if(source.lines, [](const auto& line) {
      return line.starts_with("class ") || line.starts_with("struct ") || line.starts_with("enum ");
    });
    BOOST_TEST((says != source.lines.end() && says < gives), source.path);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_named_after_what_it_is_not) {
  static const std::regex vague(R"((class|struct) \w*(Manager|Helper|Util|Utils)\b)");
  static const std::regex unfinished(R"(\b(TODO|FIXME|XXX)\b)");
  for (const Source& source : sources({"statemachine", "src", "include"}, {".hpp", ".cpp"})) {
    for (std::size_t line = 0; line < source.lines.size(); ++line) {
      const std::string where = source.path + ":" + std::to_string(line + 1);
      BOOST_TEST(!std::regex_search(source.lines[line], vague), where);
      BOOST_TEST(!std::regex_search(source.lines[line], unfinished), where);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
