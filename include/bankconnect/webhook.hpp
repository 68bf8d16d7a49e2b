// The webhook listener: requests from BankConnect, or from anything that imitates it. A webhook that can be
// read is stored as a hint and then answered 200; it changes the state of no session. Event-loop thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bankconnect/clock.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/listen.hpp"
#include "bankconnect/tls_identity.hpp"

namespace bankconnect {

/// What BankConnect's `webhook_mode` takes: a number, or a list of event names.
using WebhookMode = std::variant<std::int64_t, std::vector<std::string>>;

/// Section `[webhook]`, but for what concerns the rules and the follower.
struct WebhookConfig {
  std::optional<net::ListenAddress> listen;  ///< nothing: no listener
  std::string path = "/webhooks/bankconnect";
  std::string secret_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::uint64_t max_body_size = 1 << 20;
  std::uint32_t max_connections = 256;
  std::string public_url;
  WebhookMode mode = std::int64_t{1};
  bool register_on_start = false;
};

/// Whether both are the same path: senders and proxies add a final slash, or take it away.
bool same_webhook_path(std::string_view a, std::string_view b);

class WebhookListener {
 public:
  struct Dependencies {
    boost::asio::io_context& loop;
    const Clock& clock;
    Follower& follower;
    Observer& observer;
    /// How long a sender waits for its webhook to be stored before it is answered STORE_UNAVAILABLE; it may
    /// still be stored.
    std::chrono::milliseconds commit_timeout = std::chrono::seconds(10);
  };

  /// `secrets`: accepted values of `x-secret-key`; empty: none is asked for. They are hashed and wiped.
  WebhookListener(Dependencies dependencies, const WebhookConfig& config, std::vector<std::string> secrets);
  ~WebhookListener();

  /// Serves connections that arrive at a listening stream socket; takes the descriptor over.
  void serve(int listening_fd);
  /// From the next request on.
  void set_secrets(std::vector<std::string> secrets);
  /// From the next connection on.
  void use_tls(std::shared_ptr<net::TlsIdentity> identity);
  /// Takes no new webhook; those being stored are answered.
  void stop();
  std::uint32_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
