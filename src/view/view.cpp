#include "bankconnect/view.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>

#include "src/view/accounts.hpp"
#include "src/view/evidence.hpp"
#include "src/view/json_values.hpp"
#include "statemachine/why.hpp"

namespace bankconnect {

namespace json = boost::json;

using view::or_null;
using view::time_or_null;

namespace {

json::object event_object(const EventRecord& event) {
  json::object out;
  out["seq"] = event.seq;
  if (event.erased) {
    out["erased"] = true;
    return out;
  }
  const Transition& t = event.transition;
  out["at"] = time_or_null(t.at);
  out["session_id"] = event.id.text();
  out["reference"] = or_null(event.reference);
  out["from"] = t.from ? or_null(to_string(*t.from)) : json::value(nullptr);
  out["to"] = or_null(to_string(t.to));
  out["cause"] = or_null(to_string(t.cause));
  out["trigger"] = or_null(to_string(t.trigger));
  out["final"] = t.final;
  out["outcome"] = or_null(to_string(t.outcome));
  out["reason"] = or_null(to_string(t.reason));
  out["reason_code"] = or_null(event.reason_code);
  return out;
}

json::value last_error_object(const std::optional<LastError>& error) {
  if (!error) return nullptr;
  json::object out;
  out["code"] = error->code;
  out["message"] = error->message;
  out["at"] = time_or_null(error->at);
  return out;
}

json::object payload_objects(const std::vector<PayloadInfo>& payloads) {
  json::object out;
  for (const PayloadInfo& payload : payloads) {
    json::object one;
    one["bytes"] = payload.bytes;
    one["sha256"] = hex(payload.sha256);
    one["fetched_at"] = time_or_null(payload.fetched_at);
    out[to_string(payload.kind)] = std::move(one);
  }
  return out;
}

json::array report_objects(const std::vector<ReportInfo>& reports) {
  json::array out;
  for (const ReportInfo& report : reports) {
    json::object one;
    one["account"] = report.name.account;
    one["format"] = to_string(report.name.format);
    if (report.error) {
      one["error"] = last_error_object(report.error);
    } else {
      one["bytes"] = report.bytes;
      one["sha256"] = hex(report.sha256);
      one["fetched_at"] = time_or_null(report.fetched_at);
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

json::object processing_object(const Durable& durable) {
  json::object out;
  out["requested_at"] = time_or_null(durable.requested_at);
  out["accepted_at"] = time_or_null(durable.accepted_at);
  out["requested_elsewhere"] =
      durable.requester_unknown ? json::value(nullptr) : json::value(durable.requested_elsewhere);
  return out;
}

}  // namespace

std::string rfc3339(Wall wall) {
  if (wall == kNoWall) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     (wall - seconds).count());
}

std::string session_json(const SessionRecord& record, History shown) {
  const Durable& durable = record.durable;
  const std::string error_code = record.last_error ? record.last_error->code : std::string();
  const std::string refused_with = durable.reason == Reason::refused ? error_code : std::string();
  view::ShownAccounts shown_accounts = view::accounts_of(record);

  json::object out;
  out["session_id"] = record.id.text();
  out["reference"] = or_null(record.reference);
  out["state"] = or_null(to_string(durable.state));
  out["since"] = time_or_null(durable.since);
  out["final"] = durable.final;
  out["outcome"] = or_null(to_string(durable.outcome));
  out["reason"] = or_null(to_string(durable.reason));
  out["reason_code"] = or_null(refused_with);
  out["upload_status"] = or_null(to_string(durable.upload_status));
  out["why"] = view::why_object(record, shown_accounts.accounts);
  out["hold"] = durable.hold;
  out["stalled"] = durable.stalled;
  out["refreshing"] = durable.final && (durable.after_end == AfterEnd::refresh || awaits_reports(durable));
  out["submitted_at"] = time_or_null(durable.submitted_at);
  out["expires_at"] = time_or_null(durable.expires_at);
  out["next_poll_at"] = time_or_null(record.next_poll_at);
  out["attempts"] = record.attempts;
  out["last_error"] = last_error_object(record.last_error);
  out["session_date_range"] = std::move(shown_accounts.session_date_range);
  out["accounts"] = std::move(shown_accounts.accounts);
  out["processing"] = processing_object(durable);
  out["payloads"] = payload_objects(record.payloads);
  out["reports"] = report_objects(record.reports);
  json::array anomalies;
  for (const std::string_view code : anomaly_codes(durable.anomalies))
    anomalies.emplace_back(code);
  out["anomalies"] = std::move(anomalies);
  if (shown == History::left_out) return json::serialize(out);
  json::array history;
  for (const EventRecord& event : record.history)
    history.emplace_back(event_object(event));
  out["history"] = std::move(history);
  out["more_history"] = record.more_history;
  return json::serialize(out);
}

std::string event_json(const EventRecord& event) {
  return json::serialize(event_object(event));
}

std::string webhook_json(const WebhookRecord& webhook) {
  json::object out;
  out["session_id"] = webhook.id.text();
  out["event_name"] = or_null(webhook.event_name);
  out["result"] = to_string(webhook.result);
  out["received_at"] = time_or_null(webhook.received_at);
  out["last_received_at"] = time_or_null(webhook.last_received_at);
  out["count"] = webhook.count;
  out["bytes"] = webhook.bytes;
  out["sha256"] = hex(webhook.sha256);
  return json::serialize(out);
}

std::string registration_json(const std::optional<Registration>& registration) {
  if (!registration) return "null";
  json::object out;
  out["webhook_url"] = registration->webhook_url;
  boost::system::error_code ec;
  out["webhook_mode"] = json::parse(registration->webhook_mode, ec);
  out["at"] = time_or_null(registration->at);
  out["result"] = registration->code.empty() ? "accepted" : registration->code;
  out["http_status"] = registration->http_status;
  out["message"] = or_null(registration->message);
  return json::serialize(out);
}

json::object error_object(const Error& error) {
  return {{"code", to_string(error.code)}, {"message", error.message}};
}

std::string error_json(const Error& error) {
  return json::serialize(json::object{{"error", error_object(error)}});
}

}  // namespace bankconnect
