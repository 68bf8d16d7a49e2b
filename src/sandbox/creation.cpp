#include "src/sandbox/creation.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "src/sandbox/identity.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::variant<DateRange, Reply> read_range(const json::object& body, Instant now) {
  DateRange range = default_range(now);
  const std::string from = text_of(body, "from_date");
  const std::string to = text_of(body, "to_date");
  const auto from_date = from.empty() ? range.from : parse_slashed(from);
  const auto to_date = to.empty() ? range.to : parse_slashed(to);
  if (!from_date || !to_date) return error_reply(kInvalidDateFormat);
  if (*from_date >= *to_date) return error_reply(kInvalidDateRange);
  return DateRange{*from_date, *to_date};
}

std::variant<std::optional<Duration>, Reply> read_expiry(const json::object& body) {
  constexpr std::int64_t kLeastMinutes = 5;
  constexpr std::int64_t kMostMinutes = 43'200;
  const json::value* value = body.if_contains("session_expiry");
  if (value == nullptr || value->is_null()) return std::optional<Duration>{};
  if (!value->is_int64() || value->get_int64() < kLeastMinutes || value->get_int64() > kMostMinutes) {
    return error_reply(kInvalidSessionExpiry);
  }
  return std::optional<Duration>{std::chrono::minutes{value->get_int64()}};
}

}  // namespace

DateRange default_range(Instant now) {
  const Date to = date_of(now);
  Date from = to - std::chrono::months{6};
  if (!from.ok()) from = from.year() / from.month() / std::chrono::last;  // 31 August minus six months
  return {from, to};
}

std::variant<CreationWish, Reply> read_creation(const json::object& body, Instant now) {
  CreationWish wish{.session_id = lower_case(text_of(body, "session_id")),
                    .scenario = text_of(body, "scenario"),
                    .link_id = text_of(body, "link_id"),
                    .range = {},
                    .expires_in = {}};
  if (!wish.session_id.empty() && !is_uuid(wish.session_id)) return error_reply(kKeyRequired);
  auto range = read_range(body, now);
  if (auto* refusal = std::get_if<Reply>(&range)) return std::move(*refusal);
  wish.range = std::get<DateRange>(range);
  auto expiry = read_expiry(body);
  if (auto* refusal = std::get_if<Reply>(&expiry)) return std::move(*refusal);
  wish.expires_in = std::get<std::optional<Duration>>(expiry);
  return wish;
}

std::variant<json::object, Reply> read_object(const Request& request) {
  if (request.body.empty()) return json::object{};
  if (!request.content_type.starts_with("application/json")) {
    return detail_reply(415, fmt::format("Unsupported media type \"{}\" in request.", request.content_type));
  }
  boost::system::error_code error;
  json::value value = json::parse(request.body, error);
  if (error || !value.is_object()) return detail_reply(400, "JSON parse error");
  return std::move(value.get_object());
}

}  // namespace bankconnect::sandbox
