// docs/decisions.md has its decisions in the order in which they were made; the list at its top finds them by
// module.
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <set>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {
namespace {

/// The anchor that GitHub and others make of a heading.
std::string anchor_of(const std::string& heading) {
  std::string anchor = "#";
  for (const char c : heading) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0 || c == '-' || c == '_') anchor += static_cast<char>(std::tolower(letter));
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

std::vector<std::string> decisions_file() {
  for (const Source& source : sources({"docs"}, {".md"}))
    if (source.path == "docs/decisions.md") return source.lines;
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions)

BOOST_AUTO_TEST_CASE(each_decision_is_in_the_list_by_module_and_each_link_leads_to_one) {
  std::set<std::string> headings, links;
  for (const std::string& line : decisions_file()) {
    if (line.starts_with("## 20")) headings.insert(anchor_of(line.substr(3)));
    const auto begin = line.rfind("](#");
    if (line.starts_with("|") && begin != std::string::npos)
      links.insert(line.substr(begin + 2, line.rfind(')') - begin - 2));
  }
  BOOST_TEST(headings.size() > 50U);
  for (const std::string& heading : headings)
    BOOST_TEST(links.contains(heading), "not in the list: " << heading);
  for (const std::string& link : links)
    BOOST_TEST(headings.contains(link), "leads nowhere: " << link);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
