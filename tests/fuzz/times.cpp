// The input is read as a timestamp and as a Retry-After.
#include <time.h>

#include <algorithm>
#include <charconv>

#include "src/upstream/timestamps.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

using namespace std::chrono_literals;
using upstream::parse_retry_after;
using upstream::parse_timestamp;

constexpr Wall kNow{std::chrono::seconds(1763016524)};  // 2025-11-13 06:48:44 UTC
constexpr Duration kLongest = 1h;

/// `2025-11-13 06:48:44.000Z`
std::string written(Wall wall) {
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(wall - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return text;
}

/// How far east of UTC the zone is that begins at `sign`.
Duration offset_of(std::string_view text, std::size_t sign) {
  std::string digits(text.substr(sign + 1));
  std::erase(digits, ':');
  const int number = std::atoi(digits.c_str());
  const Duration offset = std::chrono::hours(number / 100) + std::chrono::minutes(number % 100);
  return text[sign] == '+' ? offset : -offset;
}

void check_timestamp(std::string_view text) {
  const auto wall = parse_timestamp(text);
  if (!wall) return;
  const auto year = [](int y) { return Wall(std::chrono::sys_days(std::chrono::year(y) / 1 / 1)); };
  must(*wall >= year(0) - 24h && *wall < year(10'000) + 24h,
       "a timestamp lies in the years 0 to 9999, give or take its zone");
  if (*wall < year(0) || *wall >= year(10'000))
    return;  // the zone moved it out of the years with four digits
  must(parse_timestamp(written(*wall)) == *wall, "a timestamp written and read again is the same");
  if (const auto sign = text.find_first_of("+-", 19); sign != std::string_view::npos) {
    const auto utc = parse_timestamp(std::string(text.substr(0, sign)) + "Z");
    must(utc && *utc - offset_of(text, sign) == *wall,
         "a time with a zone is off from UTC by the offset of the zone");
    return;
  }
  if (text.substr(17, 2) == "60") return;  // a leap second
  std::string told(text.substr(0, 19));
  told[10] = ' ';
  must(written(*wall).starts_with(told), "a time without a zone is UTC");
}

/// As strptime reads it; nothing when it is no HTTP date of the common form.
std::optional<Wall> by_the_c_library(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (text.size() != 29 || end != text.c_str() + text.size()) return std::nullopt;
  parts.tm_sec = std::min(parts.tm_sec, 59);
  return Wall(std::chrono::seconds(::timegm(&parts)));
}

void check_retry_after(std::string_view text) {
  const auto wait = parse_retry_after(text, kNow);
  if (!wait) return;
  must(*wait >= 0ms && *wait <= kLongest, "a wait is between zero and an hour");
  const auto first = text.find_first_not_of(' ');
  const auto last = text.find_last_not_of(' ');
  const std::string bare(text.substr(first, last - first + 1));
  if (bare.find_first_not_of("0123456789") == std::string::npos) {
    const auto digits = std::min(bare.find_first_not_of('0'), bare.size());
    const std::string number = bare.substr(digits);
    const bool long_one = number.size() > 4;
    const Duration expected =
        std::chrono::seconds(long_one || number.empty() ? 0 : std::atoi(number.c_str()));
    must(*wait == (long_one ? kLongest : std::min(expected, kLongest)), "seconds are counted as seconds");
    return;
  }
  if (const auto date = by_the_c_library(bare))
    must(*wait == std::clamp(*date - kNow, Duration(0), kLongest), "a date is what strptime reads");
  const auto earlier = parse_retry_after(text, kNow - 30min);
  must(earlier && *earlier >= *wait && *earlier - *wait <= 30min,
       "a date comes nearer as the clock advances");
}

void check(std::string_view text) {
  check_timestamp(text);
  check_retry_after(text);
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
