#include "src/sandbox/create_session.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "src/sandbox/ids.hpp"

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
  const auto from_date = from.empty() ? range.from : parse_slash_date(from);
  const auto to_date = to.empty() ? range.to : parse_slash_date(to);
  if (!from_date || !to_date) return error_reply(kInvalidDateFormat);
  if (*from_date >= *to_date) return error_reply(kInvalidDateRange);
  return DateRange{*from_date, *to_date};
}

std::variant<std::optional<Duration>, Reply> read_expiry(const json::object& body) {
  constexpr std::int64_t kMinMinutes = 5;
  constexpr std::int64_t kMaxMinutes = 43'200;
  const json::value* value = body.if_contains("session_expiry");
  if (value == nullptr || value->is_null()) return std::optional<Duration>{};
  if (!value->is_int64() || value->get_int64() < kMinMinutes || value->get_int64() > kMaxMinutes) {
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

std::variant<CreateSessionFields, Reply> read_create_session(const json::object& body, Instant now) {
  CreateSessionFields fields{.session_id = lower_case(text_of(body, "session_id")),
                             .scenario = text_of(body, "scenario"),
                             .link_id = text_of(body, "link_id"),
                             .range = {},
                             .expires_in = {}};
  if (!fields.session_id.empty() && !is_uuid(fields.session_id)) return error_reply(kKeyRequired);
  auto range = read_range(body, now);
  if (auto* refusal = std::get_if<Reply>(&range)) return std::move(*refusal);
  fields.range = std::get<DateRange>(range);
  auto expiry = read_expiry(body);
  if (auto* refusal = std::get_if<Reply>(&expiry)) return std::move(*refusal);
  fields.expires_in = std::get<std::optional<Duration>>(expiry);
  return fields;
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
