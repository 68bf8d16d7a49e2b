#include "src/sandbox/request_log.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace bankconnect::sandbox {
namespace {

constexpr std::size_t kKeptLines = 100'000;

void add_webhook_fields(boost::json::object& line, const WebhookLogFields& fields) {
  line["event"] = fields.event;
  line["event_name"] = fields.event_name;
  line["changed_at"] = iso_millis(fields.changed_at);
  line["error"] = fields.error;
  line["took_ms"] = fields.took.count();
}

std::string line_of(const LogEntry& entry) {
  boost::json::object line{{"at", iso_millis(entry.at)},
                           {"seq", entry.seq},
                           {"steady_us", entry.steady_us},
                           {"call", entry.call},
                           {"session_id", entry.session_id},
                           {"http_status", entry.http_status},
                           {"effect", entry.effect},
                           {"fault", entry.fault},
                           {"upload_status", entry.upload_status}};
  if (entry.webhook) add_webhook_fields(line, *entry.webhook);
  return boost::json::serialize(line);
}

}  // namespace

RequestLog::RequestLog(const std::string& file) {
  if (file.empty()) return;
  file_.open(file, std::ios::app | std::ios::binary);
  if (!file_) throw std::runtime_error("cannot write the request log " + file);
}

void RequestLog::add(LogEntry entry) {
  entry.seq = ++seq_;
  std::string line = line_of(entry);
  line += '\n';
  if (file_.is_open()) {
    file_ << line;
    dirty_ = true;
  }
  if (newest_.size() == kKeptLines) newest_.pop_front();
  newest_.push_back({std::move(entry.session_id), std::move(line)});
}

void RequestLog::flush() {
  if (!dirty_) return;
  file_.flush();
  dirty_ = false;
}

std::string RequestLog::lines(std::string_view session_id) const {
  std::string text;
  for (const Line& line : newest_) {
    if (session_id.empty() || line.session_id == session_id) text += line.text;
  }
  return text;
}

}  // namespace bankconnect::sandbox
