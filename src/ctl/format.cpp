#include "src/ctl/format.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <ctime>

#include "src/ctl/sanitize.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

namespace {

json::string_view key_of(std::string_view key) {
  return {key.data(), key.size()};
}

bool true_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key_of(key));
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::size_t size_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(json::string_view(key.data(), key.size()));
  return found != nullptr && found->is_int64() ? static_cast<std::size_t>(found->get_int64()) : 0;
}

std::string number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key_of(key));
  return value == nullptr || value->is_null() ? "" : json::serialize(*value);
}

std::string in_brackets(const std::string& text) {
  return text.empty() ? "" : " (" + text + ")";
}

/// `2025-11-13T06:48:44.000Z` → `2025-11-13 06:48:44Z`
std::string short_time(const std::string& time) {
  if (time.size() < 19 || !time.ends_with('Z')) return time;
  return time.substr(0, 10) + " " + time.substr(11, 8) + "Z";
}

/// `2025-11-13T06:48:44.000Z` by the local clock; any other text as it is.
std::string local_time(const std::string& text) {
  if (text.size() != 24 || text[10] != 'T' || text[23] != 'Z') return text;
  std::tm utc{};
  const char* const end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (end == nullptr || *end != '.') return text;
  const std::time_t at = ::timegm(&utc);
  std::tm local{};
  if (::localtime_r(&at, &local) == nullptr) return text;
  const long minutes = local.tm_gmtoff / 60;
  return fmt::format("{:%Y-%m-%d %H:%M:%S}{}{:02}:{:02}", local, minutes < 0 ? '-' : '+',
                     std::abs(minutes) / 60, std::abs(minutes) % 60);
}

json::value local_times(json::value value) {
  if (json::object* const object = value.if_object()) return with_local_times(std::move(*object));
  if (json::array* const array = value.if_array()) {
    for (json::value& one : *array)
      one = local_times(std::move(one));
  } else if (value.is_string()) {
    value = json::string(local_time(json::value_to<std::string>(value)));
  }
  return value;
}

std::string account_line(const json::object& account) {
  const auto statements = array_at(account, "statements").size() + size_at(account, "more_statements");
  std::string line = fmt::format("  {:<12} {:<10} {:<10} {} statement{}", text_at(account, "bank"),
                                 text_at(account, "number"), text_at(account, "status"), statements,
                                 statements == 1 ? "" : "s");
  if (!array_at(account, "missing_data").empty()) line += ", data missing";
  const std::string code = text_at(account, "error_code");
  if (!code.empty()) line += ": " + code + " " + text_at(account, "error_message");
  return sanitize_for_terminal(line) + "\n";
}

std::string from_to(const json::object& range) {
  const std::string from = text_at(range, "from_date");
  return from.empty() ? "" : ", " + from + " to " + text_at(range, "to_date");
}

std::string statement_line(const json::object& statement) {
  const std::string file = text_at(statement, "upload_file_name");
  std::string line =
      fmt::format("    {:<44} {}{}", file.empty() ? text_at(statement, "id") : file,
                  text_at(statement, "status"), from_to(object_at(statement, "statement_date_range")));
  for (const char* const step : {"identity", "transaction", "processing", "fraud"}) {
    const std::string status = text_at(statement, std::string(step) + "_status");
    if (!status.empty()) line += fmt::format(", {} {}", step, status);
  }
  for (const char* const what : {"error_code", "error_message", "message"}) {
    const std::string text = text_at(statement, what);
    if (!text.empty()) line += " " + text;
  }
  return sanitize_for_terminal(line) + "\n";
}

std::string account_lines(const json::object& account) {
  std::string out = account_line(account);
  for (const json::value& statement : array_at(account, "statements"))
    if (statement.is_object()) out += statement_line(statement.get_object());
  return out;
}

std::string field_line(std::string_view what, const std::string& value) {
  return value.empty() ? "" : sanitize_for_terminal(fmt::format("{:<16} {}", what, value)) + "\n";
}

}  // namespace

json::object with_local_times(json::object object) {
  for (auto& member : object)
    member.value() = local_times(std::move(member.value()));
  return object;
}

json::object parse_object(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size())).as_object();
}

const json::object& object_at(const json::object& object, std::string_view key) {
  static const json::object none;
  const json::value* value = object.if_contains(key_of(key));
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array none;
  const json::value* value = object.if_contains(key_of(key));
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key_of(key));
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string().data(), value->get_string().size());
}

std::string state_of(const json::object& session) {
  std::string state = text_at(session, "state");
  const std::string detail = text_at(session, "outcome") + text_at(session, "reason");
  if (!detail.empty()) return state + in_brackets(detail);
  if (true_at(session, "stalled")) return state + " (stalled)";
  if (true_at(session, "hold")) return state + " (held)";
  if (state == "EXPIRED" && true_at(session, "final")) return state + " (final)";
  return state;
}

std::string session_heading() {
  return fmt::format("{:<36}  {:<34}  {:<20}  {}", "SESSION", "STATE", "SINCE", "WHY");
}

std::string session_line(const json::object& session) {
  return sanitize_for_terminal(fmt::format("{:<36}  {:<34}  {:<20}  {}", text_at(session, "session_id"),
                                           state_of(session), short_time(text_at(session, "since")),
                                           text_at(object_at(session, "why"), "text")));
}

std::string session_details(const json::object& session) {
  std::string out = field_line("session", text_at(session, "session_id"));
  out += field_line("reference", text_at(session, "reference"));
  out += field_line("state", state_of(session));
  if (true_at(session, "refreshing")) out += field_line("refresh", "under way");
  out += field_line("because", text_at(object_at(session, "why"), "text"));
  out += field_line("since", short_time(text_at(session, "since")));
  out += field_line("upload status", text_at(session, "upload_status"));
  out += field_line("submitted", short_time(text_at(session, "submitted_at")));
  out += field_line("expires", short_time(text_at(session, "expires_at")));
  out += field_line("next question", short_time(text_at(session, "next_poll_at")));
  const json::object& processing = object_at(session, "processing");
  out += field_line("requested", short_time(text_at(processing, "requested_at")));
  out += field_line("accepted", short_time(text_at(processing, "accepted_at")));
  const json::object& error = object_at(session, "last_error");
  if (!error.empty())
    out += field_line("last error", text_at(error, "code") + " " + text_at(error, "message"));
  for (const json::value& anomaly : array_at(session, "anomalies"))
    out += field_line("anomaly", json::value_to<std::string>(anomaly));
  if (!array_at(session, "accounts").empty()) out += "accounts\n";
  for (const json::value& account : array_at(session, "accounts"))
    out += account_lines(account.as_object());
  for (const auto& [kind, payload] : object_at(session, "payloads")) {
    out += field_line("stored", std::string(kind) + ", " + number_at(payload.as_object(), "bytes") +
                                    " bytes, sha256 " + text_at(payload.as_object(), "sha256"));
  }
  for (const json::value& one : array_at(session, "reports")) {
    const json::object& report = one.as_object();
    const json::object& failure = object_at(report, "error");
    out += field_line("report", text_at(report, "account") + "." + text_at(report, "format") + ", " +
                                    (failure.empty() ? number_at(report, "bytes") + " bytes"
                                                     : "missing: " + text_at(failure, "code")));
  }
  out += "history\n";
  for (const json::value& event : array_at(session, "history")) {
    out += "  " + event_line(event.as_object()) + "\n";
  }
  return out;
}

std::string event_line(const json::object& event) {
  if (true_at(event, "erased") && !event.contains("seq"))
    return sanitize_for_terminal(fmt::format("{:>6}  {}  (erased)", "", text_at(event, "session_id")));
  if (true_at(event, "erased")) return fmt::format("{:>6}  (erased)", number_at(event, "seq"));
  const std::string from = text_at(event, "from");
  std::string line =
      fmt::format("{:>6}  {}  {}  {} -> {}", number_at(event, "seq"), text_at(event, "at"),
                  text_at(event, "session_id"), from.empty() ? "new" : from, text_at(event, "to"));
  line += in_brackets(text_at(event, "outcome") + text_at(event, "reason"));
  if (true_at(event, "final")) line += "  final";
  const std::string trigger = text_at(event, "trigger");
  if (trigger.starts_with("refresh")) line += "  " + trigger + in_brackets(text_at(event, "reason_code"));
  return sanitize_for_terminal(line + "  " + text_at(event, "cause"));
}

std::string webhook_heading() {
  return fmt::format("{:<20}  {:<36}  {:<9}  {:>5}  {}", "RECEIVED", "SESSION", "RESULT", "TIMES", "EVENT");
}

std::string webhook_line(const json::object& webhook) {
  return sanitize_for_terminal(fmt::format("{:<20}  {:<36}  {:<9}  {:>5}  {}",
                                           short_time(text_at(webhook, "last_received_at")),
                                           text_at(webhook, "session_id"), text_at(webhook, "result"),
                                           number_at(webhook, "count"), text_at(webhook, "event_name")));
}

std::string status_details(const json::object& status) {
  std::string out = field_line("version", text_at(status, "version"));
  out += field_line("health", text_at(status, "health"));
  for (const json::value& problem : array_at(status, "problems")) {
    out += field_line("problem",
                      text_at(problem.as_object(), "code") + ": " + text_at(problem.as_object(), "text"));
  }
  for (const auto& [state, count] : object_at(status, "sessions"))
    out += field_line(state, json::serialize(count));
  const json::object& upstream = object_at(status, "upstream");
  out += field_line("upstream", "breaker " + text_at(upstream, "breaker") + ", " +
                                    number_at(upstream, "requests") + " requests, " +
                                    number_at(upstream, "errors") + " errors");
  const json::object& webhooks = object_at(status, "webhooks");
  out +=
      field_line("webhooks", text_at(webhooks, "state") + ", " + number_at(webhooks, "missed") + " missed");
  out += field_line("last webhook", short_time(text_at(webhooks, "last_received_at")));
  const json::object& registered = object_at(webhooks, "registered");
  if (!registered.empty()) {
    out += field_line("registered", text_at(registered, "webhook_url") +
                                        in_brackets(text_at(registered, "result")) + " " +
                                        short_time(text_at(registered, "at")));
  }
  const json::object& lateness = object_at(status, "poll_lateness");
  out += field_line("poll lateness", "p50 " + number_at(lateness, "p50_ms") + " ms, p99 " +
                                         number_at(lateness, "p99_ms") + " ms");
  const json::object& oldest = object_at(status, "oldest_non_final_session");
  out += field_line("oldest open", text_at(oldest, "session_id"));
  return out;
}

}  // namespace bankconnect::ctl
