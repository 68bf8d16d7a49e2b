// Text for a terminal.
#include "src/ctl/sanitize.hpp"

#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

using ctl::sanitize_for_terminal;

namespace {

const std::string kMark = "\xef\xbf\xbd";

/// In UTF-8.
std::string utf8(char32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  const auto tail = [code](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x800) return {static_cast<char>(0xc0 | (code >> 6)), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(visible_text)

BOOST_AUTO_TEST_CASE(what_can_be_read_stays_as_it_is) {
  const std::string text =
      "HDFC Bank ~ \xe0\xa4\xac\xe0\xa5\x88\xe0\xa4\x82\xe0\xa4\x95 \xc2\xa0\xe2\x82\xb9 " + utf8(0x1f600) +
      utf8(0x200d) + utf8(0x10ffff);
  BOOST_TEST(sanitize_for_terminal(text) == text);
  BOOST_TEST(sanitize_for_terminal("") == "");
}

BOOST_AUTO_TEST_CASE(every_control_character_is_one_mark) {
  for (char32_t code = 0; code < 0xa0; ++code) {
    if (code >= 0x20 && code < 0x7f) continue;
    BOOST_TEST(sanitize_for_terminal("a" + utf8(code) + "b") == "a" + kMark + "b",
               static_cast<unsigned>(code));
  }
}

BOOST_AUTO_TEST_CASE(so_is_every_bidirectional_control) {
  for (const char32_t code : {U'\u061c', U'\u200e', U'\u200f', U'\u202a', U'\u202b', U'\u202c', U'\u202d',
                              U'\u202e', U'\u2066', U'\u2067', U'\u2068', U'\u2069'})
    BOOST_TEST(sanitize_for_terminal("a" + utf8(code) + "b") == "a" + kMark + "b",
               static_cast<unsigned>(code));
  for (const char32_t code : {U'\u200d', U'\u2010', U'\u2029', U'\u202f', U'\u2065', U'\u206a'})
    BOOST_TEST(sanitize_for_terminal(utf8(code)) == utf8(code), static_cast<unsigned>(code));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_marked_one_by_one) {
  BOOST_TEST(sanitize_for_terminal("a\x9b") == "a" + kMark);                   // C1 on an 8-bit terminal
  BOOST_TEST(sanitize_for_terminal("\xff\xfe") == kMark + kMark);              // never a beginning
  BOOST_TEST(sanitize_for_terminal("\xc3") == kMark);                          // cut off
  BOOST_TEST(sanitize_for_terminal("\xe2\x82") == kMark + kMark);              // cut off
  BOOST_TEST(sanitize_for_terminal("\xe2\x82z") == kMark + kMark + "z");       // broken off
  BOOST_TEST(sanitize_for_terminal("\xc0\x9b") == kMark + kMark);              // longer than it takes
  BOOST_TEST(sanitize_for_terminal("\xe0\x80\x9b") == kMark + kMark + kMark);  // longer than it takes
  BOOST_TEST(sanitize_for_terminal("\xf0\x80\x80\x9b") == kMark + kMark + kMark + kMark);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
