#include "src/monitor/webhook_stats.hpp"

#include <utility>

namespace bankconnect::monitor {

void WebhookStats::count(const WebhookSeen& seen) {
  ++counts_[seen.result];
  const bool accepted = seen.status == 200;
  if (accepted) last_received_at_ = seen.at;
  tick();
  int& lines = accepted ? accepted_lines_ : refused_lines_;
  if (lines >= (accepted ? kAcceptedLines : kRefusedLines)) {
    ++unlogged_;
    return;
  }
  ++lines;
  const std::string id = seen.id ? seen.id->text() : "";
  const std::string digest = seen.bytes > 0 ? hex(seen.sha256) : "";
  log_.write(accepted ? LogLevel::info : LogLevel::warning, accepted ? "webhook" : "webhook_refused", "",
             {{"session_id", id},
              {"event_name", seen.event_name},
              {"result", seen.result},
              {"http_status", seen.status},
              {"bytes", static_cast<std::int64_t>(seen.bytes)},
              {"sha256", digest}});
}

void WebhookStats::tick() {
  const Steady now = clock_.now().steady;
  if (second_ != kNoSteady && now - second_ < std::chrono::seconds(1)) return;
  second_ = now;
  accepted_lines_ = 0;
  refused_lines_ = 0;
  if (const std::int64_t unlogged = std::exchange(unlogged_, 0); unlogged > 0)
    log_.warning("webhooks_not_logged", "more came than is logged in a second", {{"count", unlogged}});
}

void WebhookStats::missed(const SessionId& id, Notification kind) {
  log_.warning("webhook_missed", "polling found this, and no webhook announced it",
               {{"session_id", id.text()}, {"news", to_string(kind)}});
}

void WebhookStats::health(WebhookHealth health) {
  const bool well = health == WebhookHealth::healthy;
  log_.write(well ? LogLevel::info : LogLevel::warning, "webhook_health",
             well ? "webhooks announce what happens: polling is a safety net"
                  : "webhooks cannot be relied on: polling at full cadence",
             {{"state", to_string(health)}});
}

}  // namespace bankconnect::monitor
