// Times as BankConnect and HTTP write them.
#pragma once

#include <optional>
#include <string_view>

#include "statemachine/moment.hpp"

namespace bankconnect::upstream {

/// `2025-11-13 06:48:44`, `2025-11-13 06:48:43.660968+00:00`, `2025-11-13T06:48:43.660968Z`. Without a zone
/// it is UTC; fractions are cut to milliseconds. Nothing for "" and for anything that is not a time. Source:
/// docs/upstream.md, "Times".
std::optional<Wall> parse_timestamp(std::string_view text);

/// An HTTP date in any of the three forms RFC 9110 names; `now` tells the century of the one with two digits.
std::optional<Wall> parse_http_date(std::string_view text, Wall now);

/// A `Retry-After` value: seconds, or an HTTP date. How long to wait from `now`, between zero and an hour;
/// nothing when it is neither.
std::optional<Duration> parse_retry_after(std::string_view text, Wall now);

/// An `Age` value, of the first cache that names one; a year at most, zero when there is none (RFC 9111,
/// 5.1: what is no number is ignored).
Duration parse_age(std::string_view text);

}  // namespace bankconnect::upstream
