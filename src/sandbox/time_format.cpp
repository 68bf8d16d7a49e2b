#include "src/sandbox/time_format.hpp"

#include <fmt/format.h>

#include <array>

#include "src/sandbox/number_parsing.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string_view short_name(std::chrono::month which) {
  return kMonths[static_cast<unsigned>(which) - 1];
}

std::string time_of_day(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format("{:02}:{:02}:{:02}", time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

auto micros_of_second(Instant at) {
  return (at - std::chrono::floor<std::chrono::seconds>(at)).count();
}

}  // namespace

Date date_of(Instant at) {
  return Date{std::chrono::floor<std::chrono::days>(at)};
}

std::string slash_date(Date date) {
  return fmt::format("{:02}/{:02}/{:04}", static_cast<unsigned>(date.day()),
                     static_cast<unsigned>(date.month()), static_cast<int>(date.year()));
}

std::string iso_date(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string iso_month(std::chrono::year_month which) {
  return fmt::format("{:04}-{:02}", static_cast<int>(which.year()), static_cast<unsigned>(which.month()));
}

std::string month_name_year(std::chrono::year_month which) {
  return fmt::format("{}-{:04}", short_name(which.month()), static_cast<int>(which.year()));
}

std::string spaced_seconds(Instant at) {
  return fmt::format("{} {}", iso_date(date_of(at)), time_of_day(at));
}

std::string spaced_micros(Instant at) {
  return fmt::format("{}.{:06}+00:00", spaced_seconds(at), micros_of_second(at));
}

std::string iso_micros(Instant at) {
  return fmt::format("{}T{}.{:06}Z", iso_date(date_of(at)), time_of_day(at), micros_of_second(at));
}

std::string iso_millis(Instant at) {
  return fmt::format("{}T{}.{:03}Z", iso_date(date_of(at)), time_of_day(at), micros_of_second(at) / 1000);
}

std::string http_date(Instant at) {
  const Date date = date_of(at);
  const std::chrono::weekday weekday{std::chrono::floor<std::chrono::days>(at)};
  return fmt::format("{}, {:02} {} {:04} {} GMT", kWeekdays[weekday.c_encoding()],
                     static_cast<unsigned>(date.day()), short_name(date.month()),
                     static_cast<int>(date.year()), time_of_day(at));
}

std::optional<Date> parse_slash_date(std::string_view text) {
  if (text.size() != 10 || text[2] != '/' || text[5] != '/') return std::nullopt;
  const auto day = parse_number<unsigned>(text.substr(0, 2));
  const auto month = parse_number<unsigned>(text.substr(3, 2));
  const auto year = parse_number<int>(text.substr(6, 4));
  if (!day || !month || !year) return std::nullopt;
  const Date date{std::chrono::year{*year}, std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return date;
}

}  // namespace bankconnect::sandbox
