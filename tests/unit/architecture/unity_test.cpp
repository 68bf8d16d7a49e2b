// The presets clang, asan and tsan compile the sources of one folder as one file (CMAKE_UNITY_BUILD), so that
// its unnamed namespaces are one. A clash shows here within the preset dev, which compiles each file by
// itself.
#include <boost/test/unit_test.hpp>
#include <map>
#include <regex>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

const std::regex& type_definition() {
  static const std::regex pattern(R"(^(?:struct|class|enum|enum class) (\w+)\b[^;]*$)");
  return pattern;
}

const std::regex& constant_definition() {
  static const std::regex pattern(R"(^const(?:expr)? [\w:<>, ]*\b(k[A-Z]\w*)(?: =|\{|\())");
  return pattern;
}

/// "FOLDER NAME" -> the source that defines it.
using Definitions = std::map<std::string, std::string>;

void check_names_of(const Source& source, const std::regex& definition, Definitions& seen) {
  const std::string folder = source.path.substr(0, source.path.rfind('/'));
  for (const std::string& line : source.lines) {
    std::smatch match;
    if (!std::regex_search(line, match, definition)) continue;
    const auto [earlier, added] = seen.try_emplace(folder + " " + match[1].str(), source.path);
    BOOST_TEST((added || earlier->second == source.path),
               match[1].str() << " is defined in " << earlier->second << " and in " << source.path);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unity)

BOOST_AUTO_TEST_CASE(two_sources_of_one_folder_define_no_type_of_the_same_name) {
  Definitions seen;
  for (const Source& source : sources({"statemachine", "src", "tests"}, {".cpp"}))
    check_names_of(source, type_definition(), seen);
  BOOST_TEST(seen.size() > 100);
}

BOOST_AUTO_TEST_CASE(two_sources_of_one_folder_of_the_product_define_no_constant_of_the_same_name) {
  Definitions seen;
  for (const Source& source : sources({"statemachine", "src"}, {".cpp"}))
    check_names_of(source, constant_definition(), seen);
  BOOST_TEST(seen.size() > 100);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
