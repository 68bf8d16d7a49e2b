// co_await stands alone: g++ 12.2 silently miscompiles conditions, operands and some temporaries around it.
#include <boost/test/unit_test.hpp>
#include <regex>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

/// The statement that begins on a line with co_await, up to its semicolon.
std::string statement_at(const Source& source, std::size_t line) {
  std::string statement;
  for (; line < source.lines.size(); ++line) {
    statement += source.lines[line] + " ";
    if (source.lines[line].find(';') != std::string::npos) break;
  }
  return statement;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(coroutines)

BOOST_AUTO_TEST_CASE(co_await_is_a_statement_of_its_own_with_named_arguments) {
  static const std::regex condition(R"((if|while|switch|for) \([^()]*(\([^()]*\)[^()]*)*co_await)");
  static const std::regex operand(R"((&&|\|\||\?|!|\() *co_await)");
  static const std::regex temporary(R"(co_await[^;]*([{]|\[[^\]]*\] *\())");
  for (const Source& source : sources({"src"}, {".cpp", ".hpp"})) {
    for (std::size_t line = 0; line < source.lines.size(); ++line) {
      const std::string& text = source.lines[line];
      if (text.find("co_await") == std::string::npos || text.find("//") < text.find("co_await")) continue;
      const std::string where = source.path + ":" + std::to_string(line + 1);
      const std::string statement = statement_at(source, line);
      const std::string before = text.substr(0, text.find("co_await"));
      BOOST_TEST(!std::regex_search(text, condition), where << ": co_await in a condition");
      BOOST_TEST(!std::regex_search(text, operand), where << ": co_await as an operand");
      BOOST_TEST(!std::regex_search(statement.substr(before.size()), temporary),
                 where << ": a temporary in the statement of a co_await: " << statement);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
