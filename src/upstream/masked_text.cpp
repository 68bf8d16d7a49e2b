#include "src/upstream/masked_text.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestText = 300;
constexpr std::size_t kShortestNumber = 9;  // digits in a row that may be an account number
constexpr std::size_t kLongestSought = 64;  // of an account's number, where it is looked for in texts

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// At most that many bytes of it, and not through the middle of a UTF-8 sequence.
std::string_view beginning_of(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && continues_a_character(text[longest]))
    --longest;
  return text.substr(0, longest);
}

/// The digits it begins with.
std::string_view leading_digits(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

}  // namespace

json::value cut(std::string_view text) {
  if (text.empty()) return nullptr;
  text = beginning_of(text, kLongestText);
  return json::string(text);
}

std::string masked(std::string_view account_number) {
  // The last four characters, of however many bytes.
  std::size_t begin = account_number.size();
  for (int characters = 0; characters < 4 && begin > 0; ++characters) {
    do {
      --begin;
    } while (begin > 0 && continues_a_character(account_number[begin]));
  }
  return begin == 0 ? "XXXX" : "XXXX" + std::string(account_number.substr(begin));
}

std::string with_numbers_masked(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_of("0123456789"), text.size());
    out += text.substr(0, begin);
    text.remove_prefix(begin);
    const std::string_view digits = leading_digits(text);
    out += digits.size() < kShortestNumber ? std::string(digits) : masked(digits);
    text.remove_prefix(digits.size());
  }
  return out;
}

MaskedText::MaskedText(const json::object& account)
    : number_(text_at(account, "account_number")),
      mask_(masked(number_)),
      sought_(beginning_of(number_, kLongestSought)) {}

json::value MaskedText::number() const {
  return number_.empty() ? json::value(nullptr) : cut(mask_);
}

json::value MaskedText::name(const json::object& object, Key key) const {
  return cut(masked_beginning(text_at(object, key), false));
}

json::value MaskedText::sentence(const json::object& object, Key key) const {
  return cut(masked_beginning(text_at(object, key), true));
}

/// As much as will be shown, and a little more to cut it at; a number that begins in it is masked whole.
std::string MaskedText::masked_beginning(std::string_view text, bool any_number) const {
  std::string out;
  while (!text.empty() && out.size() <= kLongestText) {
    std::string_view number;
    if (sought_.size() >= kShortestNumber && text.starts_with(sought_)) {
      number = sought_;
    } else if (any_number) {
      number = leading_digits(text);
    }
    if (number.size() < kShortestNumber) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += number == sought_ ? mask_ : masked(number);
      text.remove_prefix(number.size());
    }
  }
  return out;
}

}  // namespace bankconnect::upstream
