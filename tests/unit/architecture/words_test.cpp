// Words that a machine can check: each has a plainer one.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <regex>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

struct Word {
  const char* pattern;
  const char* instead;
};

/// Searched, ignoring case, in comments only: an identifier or a message may quote a protocol.
constexpr std::array kWords = {
    Word{R"(\b(nobody|somebody|anybody|everybody|whoever)\b)",
         "the client, the peer, a connection, no reader"},
    Word{R"(\b(he|him|his|she|her)\b)", "what it refers to"},
    Word{R"(\b(patience)\b)", "timeout"},
    Word{R"(\b(room|rooms|door|doors|house)\b)", "module, interface, space"},
    Word{R"(\b(luggage|afresh|take leave|courtesy)\b)", "the standard term"},
    Word{R"(\b(believed|mended|skimmed|crooked)\b)", "trusted, repaired, scanned, faulty"},
    Word{R"(\b(reckon\w*)\b)", "elapsed time"},
    Word{R"(\b(let go|lets go|letting go)\b)", "release"},
    Word{R"(\b(is told|are told|tells nobody|be told)\b)", "notified, called"},
};

/// The comment on a line, or nothing.
std::string comment_of(const std::string& line) {
  const auto at = line.find("//");
  const bool in_text = at != std::string::npos && at > 0 && line[at - 1] == ':';
  return at == std::string::npos || in_text ? "" : line.substr(at);
}

std::vector<Source> code() {
  return sources({"statemachine", "src", "include"}, {".hpp", ".cpp"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(comments_use_plain_technical_terms) {
  std::vector<std::pair<std::regex, const char*>> patterns;
  for (const Word& word : kWords)
    patterns.emplace_back(std::regex(word.pattern, std::regex::icase), word.instead);
  for (const Source& source : code()) {
    for (std::size_t line = 0; line < source.lines.size(); ++line) {
      const std::string comment = comment_of(source.lines[line]);
      for (const auto& [pattern, instead] : patterns) {
        std::smatch found;
        const bool banned = std::regex_search(comment, found, pattern);
        const std::string word = banned ? found.str() : "";
        BOOST_TEST(!banned, source.path << ":" << line + 1 << ": \"" << word << "\"; say " << instead);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_header_begins_with_what_it_is_for) {
  for (const Source& source : sources({"statemachine", "src", "include"}, {".hpp"})) {
    const auto says =
        std::ranges::find_if(source.lines, [](const auto& line) { return line.starts_with("//"); });
    const auto declares = std::ranges::find_if(source.lines, [](const auto& line) {
      return line.starts_with("class ") || line.starts_with("struct ") || line.starts_with("enum ");
    });
    BOOST_TEST((says != source.lines.end() && says < declares), source.path);
  }
}

BOOST_AUTO_TEST_CASE(no_type_has_a_name_that_says_nothing_and_nothing_is_left_to_do) {
  static const std::regex vague(R"((class|struct) \w*(Manager|Helper|Util|Utils)\b)");
  static const std::regex unfinished(R"(\b(TODO|FIXME|XXX)\b)");
  for (const Source& source : code()) {
    for (std::size_t line = 0; line < source.lines.size(); ++line) {
      const std::string where = source.path + ":" + std::to_string(line + 1);
      BOOST_TEST(!std::regex_search(source.lines[line], vague), where);
      BOOST_TEST(!std::regex_search(source.lines[line], unfinished), where);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
