#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bankconnect::sandbox {

using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Date = std::chrono::year_month_day;

// The formats in which the documents write times and dates.
std::string spaced_seconds(Instant at);                // 2025-11-13 06:48:44
std::string spaced_micros(Instant at);                 // 2025-11-13 06:48:43.660968+00:00
std::string iso_micros(Instant at);                    // 2025-11-13T06:48:43.660968Z
std::string iso_millis(Instant at);                    // 2025-11-13T06:48:43.660Z
std::string http_date(Instant at);                     // Thu, 13 Nov 2025 06:48:44 GMT
std::string slash_date(Date date);                     // 11/08/2025
std::string iso_date(Date date);                       // 2025-08-11
std::string iso_month(std::chrono::year_month);        // 2025-08
std::string month_name_year(std::chrono::year_month);  // Aug-2025

Date date_of(Instant at);
std::optional<Date> parse_slash_date(std::string_view text);

}  // namespace bankconnect::sandbox
