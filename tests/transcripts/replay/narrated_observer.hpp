// What people and programs around the daemon get to see.
#pragma once

#include <functional>

#include "bankconnect/ports.hpp"
#include "tests/transcripts/replay/narrator.hpp"

namespace bankconnect::transcripts {

class NarratedObserver final : public Observer {
 public:
  /// `look`: what whoever looks at the session sees now.
  NarratedObserver(Narrator& narrator, std::function<std::string(const SessionId&)> look)
      : narrator_(narrator), look_(std::move(look)) {}

  void transitioned(const EventRecord& event) override;
  void stored(const SessionRecord& record) override { changed(record.id); }
  void changed(const SessionId& id) override;
  void erased(const SessionId& id, State last) override;
  void asked(const Question&, Duration) override {}
  void answered(const Question&, const Answer&) override {}
  void report(const SessionId&, const ReportName&, const ReportAnswer&) override {}
  void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) override;
  void upstream_condition(const UpstreamCondition& condition) override;
  void webhook(const WebhookSeen&) override {}
  void webhook_missed(const SessionId& id, Notification kind) override;
  void webhook_health(WebhookHealth health) override;

 private:
  Narrator& narrator_;
  std::function<std::string(const SessionId&)> look_;
};

}  // namespace bankconnect::transcripts
