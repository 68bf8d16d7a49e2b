#include "src/monitor/pending_records.hpp"

#include <utility>

namespace bankconnect::monitor {
namespace {

std::size_t size_of(const SessionRecord& record) {
  std::size_t bytes = sizeof record + record.reference.size() + record.uploaded_accounts.size() +
                      record.processed_accounts.size() + record.statement_progress.size() +
                      record.payloads.size() * sizeof(PayloadInfo);
  for (const ReportInfo& report : record.reports)
    bytes += sizeof report + report.name.account.size() + (report.error ? report.error->message.size() : 0);
  if (record.last_error) bytes += record.last_error->code.size() + record.last_error->message.size();
  for (const EventRecord& event : record.history)
    bytes += sizeof event + event.reference.size() + event.reason_code.size();
  return bytes;
}

}  // namespace

void PendingRecords::put(SessionRecord record) {
  const SessionId id = record.id;
  drop(id);
  const std::size_t bytes = size_of(record);
  if (records_.size() >= kMaxRecords || bytes > kMaxBytes - bytes_) return;
  bytes_ += bytes;
  records_.emplace(id, std::move(record));
}

std::optional<SessionRecord> PendingRecords::take(const SessionId& id) {
  const auto found = records_.find(id);
  if (found == records_.end()) return std::nullopt;
  SessionRecord record = std::move(found->second);
  bytes_ -= size_of(record);
  records_.erase(found);
  return record;
}

}  // namespace bankconnect::monitor
