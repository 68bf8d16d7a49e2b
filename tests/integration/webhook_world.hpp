// A daemon with a webhook listener, and a stand-in for BankConnect that sends webhooks to it.
#pragma once

#include <optional>

#include "tests/integration/wire.hpp"
#include "tests/integration/world.hpp"

namespace bankconnect::test {

inline constexpr const char* kWebhookPath = "/webhooks/bankconnect";
inline constexpr const char* kSecret = "sandbox-webhook-secret";

/// The body of a webhook with this event name; `more` is appended to its members.
std::string webhook_body(const std::string& id, const std::string& event, const std::string& more = "");

class WebhookWorld : public World {
 public:
  /// The daemon listens on a free loopback port and expects the stand-in's secret.
  explicit WebhookWorld(const std::string& scenarios);

  /// Disables polling for the length of a test, so that only webhooks cause calls after the first one.
  void poll_hourly();
  /// Starts the daemon and registers its listener at the stand-in.
  void start();
  /// Creates a session at the stand-in.
  void create(const std::string& id, const std::string& scenario) const;
  /// Creates a session, submits it to the daemon and waits for the first call about it.
  void create_and_submit(const std::string& id, const std::string& scenario);

  /// Sets the upload status of a session at the stand-in.
  void set_upload_status(const std::string& id, const std::string& upload_status) const;

  const std::string& listener() const { return listener_; }
  std::string webhook_url() const { return "http://" + listener_ + kWebhookPath; }
  /// Posts a webhook to the listener and returns the status; sends no secret when it has no value.
  int post_webhook(const std::string& body, const std::optional<std::string>& secret = kSecret) const;

  /// `webhooks.state` of the daemon's status.
  std::string webhook_health() const;
  std::int64_t webhooks_missed() const;
  /// `webhooks.received` of the daemon's status: requests to the listener with this result.
  std::int64_t received(const std::string& result) const;
  /// The stored webhooks of a session, newest first.
  std::vector<boost::json::object> webhooks(const std::string& id) const;
  /// Every call about the session that the stand-in logged, in order.
  std::vector<std::string> calls(const std::string& id) const;
  /// Waits until the stand-in has logged the last call for an enriched session; it logs asynchronously.
  bool last_call_is_logged(const std::string& id) const;
  /// `STATE cause` of each transition.
  std::vector<std::string> history(const std::string& id) const;
  /// Waits until the session's history contains this state.
  bool enters(const std::string& id, const std::string& state) const;

 private:
  ReservedPort port_;
  std::string listener_;
};

}  // namespace bankconnect::test
