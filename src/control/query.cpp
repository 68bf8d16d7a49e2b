#include "src/control/query.hpp"

#include <charconv>
#include <string>

#include "bankconnect/text.hpp"

namespace bankconnect::control {

namespace {

constexpr std::size_t kLongestQuotedParameter = 40;  // of what a client sent, in the message about it

Error bad_request(std::string message) {
  return {ErrorCode::bad_request, std::move(message)};
}

Error unknown_parameter(std::string_view key, const char* known) {
  return bad_request("there is no parameter \"" + printable(key, kLongestQuotedParameter) + "\"; known are " +
                     known);
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `limit` and `after`, which all pages have.
Result<void> read_page(std::string_view key, std::string_view value, std::uint32_t most, std::uint32_t& limit,
                       std::uint64_t& after) {
  const auto number = read_number(value);
  if (!number)
    return bad_request(key == "after" ? "\"after\" must be a number" : "\"limit\" must be a number");
  if (key == "after") {
    after = *number;
  } else if (*number >= 1 && *number <= most) {
    limit = static_cast<std::uint32_t>(*number);
  } else {
    return bad_request("\"limit\" must be 1 to " + std::to_string(most));
  }
  return {};
}

bool is_page(std::string_view key) {
  return key == "limit" || key == "after";
}

}  // namespace

Result<SessionId> read_session_id(std::string_view text) {
  const auto id = SessionId::parse(text);
  if (!id)
    return Error{ErrorCode::invalid_session_id, "a session id is a UUID: 8-4-4-4-12 hexadecimal digits"};
  return *id;
}

Result<SessionQuery> read_session_query(const net::Fields& query) {
  SessionQuery out;
  for (const auto& [key, value] : query) {
    if (key == "state") {
      out.state = parse_state(value);
      if (!out.state)
        return bad_request("there is no state \"" + printable(value, kLongestQuotedParameter) + "\"");
    } else if (key == "reference") {
      if (value.empty()) return bad_request("\"reference\" must not be empty");
      out.reference = value;
    } else if (is_page(key)) {
      const auto read = read_page(key, value, kMaxSessionsPage, out.limit, out.after);
      if (read.has_error()) return read.error();
    } else {
      return unknown_parameter(key, "state, reference, limit, after");
    }
  }
  return out;
}

Result<WebhookQuery> read_webhook_query(const net::Fields& query) {
  WebhookQuery out;
  for (const auto& [key, value] : query) {
    if (key == "session_id") {
      const auto id = read_session_id(value);
      if (id.has_error()) return id.error();
      out.id = *id;
    } else if (key == "result") {
      out.result = parse_webhook_result(value);
      if (!out.result || *out.result == WebhookResult::ignored)
        return bad_request("there is no result \"" + printable(value, kLongestQuotedParameter) +
                           "\"; known are accepted, recorded, kept");
    } else if (is_page(key)) {
      const auto read = read_page(key, value, kMaxWebhooksPage, out.limit, out.before);
      if (read.has_error()) return read.error();
    } else {
      return unknown_parameter(key, "session_id, result, limit, after");
    }
  }
  return out;
}

Result<EventsQuery> read_events_query(const net::Fields& query) {
  EventsQuery out;
  for (const auto& [key, value] : query) {
    const auto number = read_number(value);
    if (key == "follow") {
      if (value != "true" && value != "false") return bad_request("\"follow\" must be true or false");
      out.follow = value == "true";
    } else if (key == "session_id") {
      const auto id = read_session_id(value);
      if (id.has_error()) return id.error();
      out.id = *id;
    } else if (key == "after_log" && !value.empty()) {
      out.after_log = value;
    } else if (key == "after" && number) {
      out.after = *number;
    } else if (key == "limit" && number && *number > 0) {
      out.limit = *number;
    } else {
      return bad_request("expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not " +
                         printable(key, kLongestQuotedParameter) + "=" +
                         printable(value, kLongestQuotedParameter));
    }
  }
  return out;
}

}  // namespace bankconnect::control
