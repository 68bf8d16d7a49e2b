// A session with its own scenario, for tests of webhooks. The time is an argument everywhere.
#pragma once

#include "src/sandbox/create_session.hpp"
#include "src/sandbox/scenario_file.hpp"
#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

inline const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13}};
inline const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";

// Without `keys`: one second without uploads, two in progress, three of processing.
struct WebhookFixture {
  ScenarioFile file;
  Session session;

  explicit WebhookFixture(const std::string& keys = "", const std::string& top = "")
      : file(parse_scenarios(top + "\n[scenario.complete]\n" + keys, "s.toml")) {
    session.id = kId;
    session.range = default_range(kStart);
    session.scenario = &file.scenarios.at("complete");
    session.history.created = kStart;
  }

  CommonWebhookFaults common() const { return {file.webhook_faults, kStart}; }
  std::vector<TimedEvent> events() const { return webhook_events_of(*session.scenario, session.history); }
  std::vector<Webhook> webhooks() const { return planned_webhooks(session, common()); }

  // A [[webhook_fault]] of the scenario.
  static std::string fault(const std::string& keys) {
    return "[[scenario.complete.webhook_fault]]\n" + keys + "\n";
  }
};

}  // namespace bankconnect::sandbox
