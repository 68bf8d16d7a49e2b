#include "src/upstream/timestamps.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "bankconnect/text.hpp"

namespace bankconnect::upstream {
namespace {

/// Reads a text from left to right; once something does not fit, nothing fits any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// Exactly `digits` decimal digits.
  int number(std::size_t digits) {
    if (rest_.size() < digits) return fail();
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  void literal(std::string_view text) {
    if (!rest_.starts_with(text)) {
      fail();
      return;
    }
    rest_.remove_prefix(text.size());
  }
  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// A place in `names`, all of which are of the same length or follow one another longest first.
  template <std::size_t N>
  int name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
    return fail();
  }
  std::string_view digits() {
    const auto end = rest_.find_first_not_of("0123456789");
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  int fail() {
    ok_ = false;
    return 0;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

TimeOfDay time_of_day(Reader& reader) {
  TimeOfDay time;
  time.hour = reader.number(2);
  reader.literal(":");
  time.minute = reader.number(2);
  reader.literal(":");
  time.second = reader.number(2);
  return time;
}

/// A leap second counts as the second before it.
std::optional<Wall> wall_of(int year, int month, int day, TimeOfDay time, Duration rest) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || time.hour > 23 || time.minute > 59 || time.second > 60) return std::nullopt;
  return Wall(std::chrono::sys_days(date)) + std::chrono::hours(time.hour) +
         std::chrono::minutes(time.minute) + std::chrono::seconds(std::min(time.second, 59)) + rest;
}

Duration fraction(Reader& reader) {
  const std::string_view digits = reader.digits();
  if (digits.empty()) reader.fail();
  int milliseconds = 0;
  for (std::size_t i = 0; i < 3; ++i)
    milliseconds = milliseconds * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return Duration(milliseconds);
}

Duration zone(Reader& reader, bool east) {
  const int hours = reader.number(2);
  reader.one_of(":");
  const int minutes = reader.number(2);
  if (hours > 23 || minutes > 59) reader.fail();
  const Duration offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return east ? offset : -offset;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};

/// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Wall> imf_fixdate(std::string_view text) {
  Reader r(text);
  r.name(kDays);
  r.literal(", ");
  const int day = r.number(2);
  r.literal(" ");
  const int month = r.name(kMonths) + 1;
  r.literal(" ");
  const int year = r.number(4);
  r.literal(" ");
  const TimeOfDay time = time_of_day(r);
  r.literal(" GMT");
  if (!r.ok() || !r.at_end()) return std::nullopt;
  return wall_of(year, month, day, time, Duration::zero());
}

/// Sunday, 06-Nov-94 08:49:37 GMT; a year that seems more than 50 years ahead is the last one ending so.
std::optional<Wall> rfc850_date(std::string_view text, Wall now) {
  Reader r(text);
  r.name(kLongDays);
  r.literal(", ");
  const int day = r.number(2);
  r.literal("-");
  const int month = r.name(kMonths) + 1;
  r.literal("-");
  int year = r.number(2);
  r.literal(" ");
  const TimeOfDay time = time_of_day(r);
  r.literal(" GMT");
  if (!r.ok() || !r.at_end()) return std::nullopt;
  const int present =
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  year += present - present % 100;
  if (year > present + 50) year -= 100;
  return wall_of(year, month, day, time, Duration::zero());
}

/// Sun Nov  6 08:49:37 1994
std::optional<Wall> asctime_date(std::string_view text) {
  Reader r(text);
  r.name(kDays);
  r.literal(" ");
  const int month = r.name(kMonths) + 1;
  r.literal(" ");
  const int day = r.one_of(" ") ? r.number(1) : r.number(2);
  r.literal(" ");
  const TimeOfDay time = time_of_day(r);
  r.literal(" ");
  const int year = r.number(4);
  if (!r.ok() || !r.at_end()) return std::nullopt;
  return wall_of(year, month, day, time, Duration::zero());
}

}  // namespace

std::optional<Wall> parse_timestamp(std::string_view text) {
  Reader r(text);
  const int year = r.number(4);
  r.literal("-");
  const int month = r.number(2);
  r.literal("-");
  const int day = r.number(2);
  if (!r.one_of(" T")) r.fail();
  const TimeOfDay time = time_of_day(r);
  const Duration rest = r.one_of(".") ? fraction(r) : Duration::zero();
  Duration offset = Duration::zero();
  if (!r.one_of("Z")) {
    if (r.one_of("+")) {
      offset = zone(r, true);
    } else if (r.one_of("-")) {
      offset = zone(r, false);
    }
  }
  if (!r.ok() || !r.at_end()) return std::nullopt;
  const auto wall = wall_of(year, month, day, time, rest);
  if (!wall) return std::nullopt;
  return *wall - offset;
}

std::optional<Wall> parse_http_date(std::string_view text, Wall now) {
  std::optional<Wall> date = imf_fixdate(text);
  if (!date) date = rfc850_date(text, now);
  if (!date) date = asctime_date(text);
  return date;
}

namespace {

/// A number of whole seconds, `longest` at most; nothing when the text is anything else.
std::optional<std::chrono::seconds> whole_seconds(std::string_view text, std::chrono::seconds longest) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t seconds = 0;
  const bool too_many = std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc{};
  return too_many ? longest : std::min(std::chrono::seconds(seconds), longest);
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view text, Wall now) {
  constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::hours(1);
  text = trim(text);
  if (const auto seconds = whole_seconds(text, kLongestRetryAfter)) return *seconds;
  const std::optional<Wall> date = parse_http_date(text, now);
  if (!date) return std::nullopt;
  return std::clamp<Duration>(std::chrono::duration_cast<Duration>(*date - now), Duration::zero(),
                              kLongestRetryAfter);
}

Duration parse_age(std::string_view text) {
  constexpr std::chrono::seconds kLongestAge = std::chrono::hours(24 * 365);
  return whole_seconds(trim(text.substr(0, text.find(','))), kLongestAge).value_or(std::chrono::seconds(0));
}

}  // namespace bankconnect::upstream
