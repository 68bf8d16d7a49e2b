#include "bankconnect/lenient_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace bankconnect {
namespace {

constexpr std::size_t kLongestExponent = 9;  // digits; more may overflow the parser's

/// The UTF-16 unit that is escaped at this place: `\uD83D`.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at) {
  text = text.substr(std::min(at, text.size()), 6);
  unsigned unit = 0;
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return unit;
}

/// Half a surrogate pair becomes U+FFFD. Returns the end of the escape, or of the pair.
std::size_t repair_escape(std::string& text, std::size_t at) {
  const auto unit = unit_at(text, at);
  if (!unit) return at + 2;
  if (*unit < 0xD800 || *unit > 0xDFFF) return at + 6;
  const auto next = unit_at(text, at + 6);
  if (*unit < 0xDC00 && next && *next >= 0xDC00 && *next <= 0xDFFF) return at + 12;
  text.replace(at + 2, 4, "FFFD");
  return at + 6;
}

/// A long one becomes zero. Returns its end.
std::size_t repair_exponent(std::string& text, std::size_t at) {
  std::size_t begin = at + 1;
  if (begin < text.size() && (text[begin] == '+' || text[begin] == '-')) ++begin;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", begin), text.size());
  if (end > begin + kLongestExponent) text.replace(begin, end - begin, end - begin, '0');
  return std::max(begin, end);
}

/// Python's json module writes these for numbers that JSON has not. Blanks keep the length.
struct NoNumber {
  std::string_view word;
  std::string_view zero;
};
constexpr std::array kNoNumbers = {NoNumber{"NaN", "0  "}, NoNumber{"Infinity", "0       "}};

/// A word that stands where a value can: between `[`, `:`, `,`, `-` or a blank and the end of the value.
/// Returns its end; the place after `at` when there is none.
std::size_t repair_number(std::string& text, std::size_t at) {
  constexpr std::string_view kBefore = "[:,- \t\r\n";
  constexpr std::string_view kAfter = "],} \t\r\n";
  if (at == 0 || kBefore.find(text[at - 1]) == std::string_view::npos) return at + 1;
  for (const auto& [word, zero] : kNoNumbers) {
    const std::size_t end = at + word.size();
    if (text.compare(at, word.size(), word) != 0) continue;
    if (end < text.size() && kAfter.find(text[end]) == std::string_view::npos) continue;
    text.replace(at, word.size(), zero);
    return end;
  }
  return at + 1;
}

}  // namespace

std::string lenient_json(std::string_view text) {
  std::string out(text);
  bool in_string = false;
  std::size_t at = 0;
  if (out.starts_with("\xEF\xBB\xBF")) {
    out.replace(0, 3, "   ");
    at = 3;
  }
  while (at < out.size()) {
    const char c = out[at];
    if (in_string && c == '\\') {
      at = repair_escape(out, at);
    } else if (!in_string && (c == 'e' || c == 'E')) {
      at = repair_exponent(out, at);
    } else if (!in_string && (c == 'N' || c == 'I')) {
      at = repair_number(out, at);
    } else {
      if (c == '"') in_string = !in_string;
      ++at;
    }
  }
  return out;
}

}  // namespace bankconnect
