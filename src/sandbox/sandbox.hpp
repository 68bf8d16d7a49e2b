// The stand-in for BankConnect: takes requests and returns answers, without sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/sandbox/log_entry.hpp"
#include "src/sandbox/message.hpp"
#include "src/sandbox/outbox.hpp"
#include "src/sandbox/route.hpp"
#include "src/sandbox/session.hpp"
#include "src/sandbox/webhook_settings.hpp"

namespace bankconnect::sandbox {

struct Credentials {
  std::string api_key = "sandbox-api-key";
  std::string server_hash = "sandbox-server-hash";
};

// All sessions, and the documented calls. Has no clock: the time is an argument.
class Sandbox {
 public:
  Sandbox(ScenarioFile scenarios, Credentials credentials, Instant started, WebhookSettings webhook = {});

  // Answers one call. Fills in the log entry except for its times.
  Reply handle(const Request& request, Instant now, LogEntry& entry);

  using Sessions = std::unordered_map<std::string, Session>;
  Sessions& sessions() { return sessions_; }
  const WebhookSettings& webhook() const { return webhook_; }
  Outbox& outbox() { return outbox_; }

  // To be called after every change of a session.
  void plan_webhooks(const Session& session, Instant now);

  const ServerSettings& server_settings() const { return scenarios_.server; }

 private:
  Reply answer(const Route& route, const Request& request, Instant now, LogEntry& entry);
  const Fault* count_and_find_fault(Call call, Session* session, Instant now);
  bool authenticated(Call call, const Request& request) const;

  Reply answer_session_call(const Route& route, const Request& request, Instant now, LogEntry& entry);
  Reply report(const Route& route, const Request& request, Instant now, LogEntry& entry);
  Reply initiate(Session& session, const SessionState& state, Instant now, LogEntry& entry);
  Reply progress(Session& session, const SessionState& state, Instant now, LogEntry& entry);
  Reply create_session(const Request& request, Instant now, LogEntry& entry);
  Reply update_webhook(const Request& request, LogEntry& entry);

  Session& add_session(Session session, const std::string& scenario_name);
  Session* find(const std::string& session_id);

  ScenarioFile scenarios_;
  Credentials credentials_;
  Instant started_;
  Sessions sessions_;
  std::array<int, kCallCount> calls_{};
  int calls_of_all_ = 0;
  WebhookSettings webhook_;
  Outbox outbox_;
};

}  // namespace bankconnect::sandbox
