// Files and functions that can be read at one sitting.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

constexpr std::size_t kLongestLine = 110;
constexpr std::size_t kLongestFile = 300;
constexpr std::size_t kLongestFunction = 60;

const std::map<std::string, std::size_t>& longer_files() {
  static const std::map<std::string, std::size_t> table = {
      {"statemachine/machine.cpp", 310},
  };
  return table;
}
/// By the file they are in: functions that are one table.
const std::map<std::string, std::size_t>& longer_functions() {
  static const std::map<std::string, std::size_t> table = {
      {"src/daemon/config_keys.cpp", 140},
  };
  return table;
}

std::size_t limit_of(const std::map<std::string, std::size_t>& exceptions, const std::string& path,
                     std::size_t limit) {
  const auto found = exceptions.find(path);
  return found == exceptions.end() ? limit : found->second;
}

/// Characters, not bytes, of UTF-8.
std::size_t width(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The first line of a declaration at file level.
bool begins_declaration(const std::string& line) {
  return !line.empty() && std::string_view(" }/#").find(line.front()) == std::string_view::npos &&
         !line.starts_with("namespace");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(size)

BOOST_AUTO_TEST_CASE(a_file_of_the_product_has_300_lines_at_most) {
  for (const Source& source : sources({"statemachine", "src", "include"}, {".hpp", ".cpp"})) {
    BOOST_TEST(source.lines.size() <= limit_of(longer_files(), source.path, kLongestFile),
               source.path << " has " << source.lines.size() << " lines");
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_the_tests_has_420_lines_at_most) {
  for (const Source& source : sources({"tests"}, {".hpp", ".cpp"}))
    BOOST_TEST(source.lines.size() <= 420U, source.path << " has " << source.lines.size() << " lines");
}

BOOST_AUTO_TEST_CASE(a_line_has_110_columns_at_most) {
  for (const Source& source : sources({"statemachine", "src", "include", "tests"}, {".hpp", ".cpp"})) {
    const bool table = source.path == "statemachine/table.cpp";
    bool in_raw_string = table;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      const bool begins = line.find("R\"") != std::string::npos;
      const bool ends = line.find(")\"") != std::string::npos;
      const bool exempt = in_raw_string || begins || line.starts_with("#include");
      in_raw_string = table || ((in_raw_string || begins) && !ends);
      if (!exempt)
        BOOST_TEST(width(line) <= kLongestLine, source.path << ":" << i + 1 << " has " << width(line));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_function_has_60_lines_at_most) {
  for (const Source& source : sources({"statemachine", "src"}, {".cpp"})) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      if (begins_declaration(source.lines[i])) begin = i;
      if (source.lines[i] != "}") continue;
      BOOST_TEST(i - begin < limit_of(longer_functions(), source.path, kLongestFunction),
                 source.path << ":" << begin + 1 << " is a function of " << i - begin + 1 << " lines");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
