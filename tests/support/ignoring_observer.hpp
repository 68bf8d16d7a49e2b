// An observer that does nothing, for tests that observe one thing or none.
#pragma once

#include "bankconnect/ports.hpp"

namespace bankconnect::test {

class IgnoringObserver : public Observer {
 public:
  void transitioned(const EventRecord&) override {}
  void stored(const SessionRecord&) override {}
  void changed(const SessionId&) override {}
  void erased(const SessionId&, State) override {}
  void asked(const Question&, Duration) override {}
  void answered(const Question&, const Answer&) override {}
  void report(const SessionId&, const ReportName&, const ReportAnswer&) override {}
  void anomaly(const SessionId&, Anomaly, std::optional<UploadStatus>) override {}
  void upstream_condition(const UpstreamCondition&) override {}
  void webhook(const WebhookSeen&) override {}
  void webhook_missed(const SessionId&, Notification) override {}
  void webhook_health(WebhookHealth) override {}
};

}  // namespace bankconnect::test
