// A session with a plan of its own, for the tests of webhooks: made-up time, no clock, no waiting.
#pragma once

#include "src/sandbox/creation.hpp"
#include "src/sandbox/scenario_file.hpp"
#include "src/sandbox/sending.hpp"

namespace bankconnect::sandbox {

inline const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13}};
inline const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";

// One second without uploads, two in progress, three of processing, unless `keys` say otherwise.
struct WebhookLife {
  ScenarioFile file;
  Session session;

  explicit WebhookLife(const std::string& keys = "", const std::string& top = "")
      : file(parse_scenarios(top + "\n[scenario.complete]\n" + keys, "s.toml")) {
    session.id = kId;
    session.range = default_range(kStart);
    session.scenario = &file.scenarios.at("complete");
    session.events.created = kStart;
  }

  CommonWebhookFaults common() const { return {file.webhook_faults, kStart}; }
  std::vector<Occasion> occasions() const { return occasions_of(*session.scenario, session.events); }
  std::vector<Sending> sendings() const { return planned_sendings(session, common()); }

  // A [[webhook_fault]] of the scenario.
  static std::string fault(const std::string& keys) {
    return "[[scenario.complete.webhook_fault]]\n" + keys + "\n";
  }
};

}  // namespace bankconnect::sandbox
