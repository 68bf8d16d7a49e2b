// A daemon that takes webhooks, and a stand-in for BankConnect that sends them there.
#pragma once

#include <optional>

#include "tests/integration/wire.hpp"
#include "tests/integration/world.hpp"

namespace bankconnect::test {

inline constexpr const char* kWebhookPath = "/webhooks/bankconnect";
inline constexpr const char* kSecret = "sandbox-webhook-secret";

/// What a webhook says, with this event name.
std::string webhook_body(const std::string& id, const std::string& event, const std::string& more = "");

class WebhookWorld : public World {
 public:
  /// The daemon listens on a free port of this machine and expects the stand-in's secret.
  explicit WebhookWorld(const std::string& scenarios);

  /// Only webhooks explain what happens in a test that is shorter than this.
  void poll_hardly_ever();
  /// Starts the daemon; from then on the stand-in sends webhooks to it.
  void start();
  /// A session comes into being at the stand-in now.
  void create(const std::string& id, const std::string& scenario) const;
  /// The same, and is handed to the daemon, which has asked about it once.
  void create_and_submit(const std::string& id, const std::string& scenario);

  /// An operator of the stand-in puts the session into this upload status.
  void move(const std::string& id, const std::string& upload_status) const;

  const std::string& listener() const { return listener_; }
  std::string webhook_url() const { return "http://" + listener_ + kWebhookPath; }
  /// A webhook from somebody else; the status it is answered with. Without a value no secret is sent.
  int hook(const std::string& body, const std::optional<std::string>& secret = kSecret) const;

  /// `webhooks.state` of the daemon's status.
  std::string channel() const;
  std::int64_t missed() const;
  /// How many requests to the listener had this result.
  std::int64_t received(const std::string& result) const;
  /// What is stored of a session's webhooks, newest first.
  std::vector<boost::json::object> webhooks(const std::string& id) const;
  /// Every call about the session that BankConnect saw, in order.
  std::vector<std::string> calls(const std::string& id) const;
  /// Waits until the last call for an enriched session is in the stand-in's log, which is written a little
  /// later.
  bool logged_to_the_end(const std::string& id) const;
  /// `STATE cause` of each transition.
  std::vector<std::string> history(const std::string& id) const;
  /// Waits until the session has come to this state, be it there still or not.
  bool has_been(const std::string& id, const std::string& state) const;

 private:
  ReservedPort port_;
  std::string listener_;
};

}  // namespace bankconnect::test
