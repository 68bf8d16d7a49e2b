#include "bankconnect/records.hpp"

namespace bankconnect {

std::string_view to_string(WebhookResult result) {
  switch (result) {
    case WebhookResult::accepted: return "accepted";
    case WebhookResult::recorded: return "recorded";
    case WebhookResult::kept: return "kept";
    case WebhookResult::ignored: return "ignored";
  }
  return "";
}

std::optional<WebhookResult> parse_webhook_result(std::string_view text) {
  for (const WebhookResult result :
       {WebhookResult::accepted, WebhookResult::recorded, WebhookResult::kept, WebhookResult::ignored}) {
    if (to_string(result) == text) return result;
  }
  return std::nullopt;
}

std::string_view to_string(ReportFormat format) {
  return format == ReportFormat::xlsx ? "xlsx" : "xml";
}

std::optional<ReportFormat> parse_report_format(std::string_view text) {
  for (const ReportFormat format : kAllReportFormats) {
    if (to_string(format) == text) return format;
  }
  return std::nullopt;
}

}  // namespace bankconnect
