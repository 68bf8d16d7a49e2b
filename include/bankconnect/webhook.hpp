// The webhook listener: what comes from BankConnect, or from anybody who pretends to be it. A webhook that
// can be read becomes a hint and is answered 200 once that is durable; it moves no session. Event-loop thread
// only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bankconnect/clock.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/http_server.hpp"

namespace bankconnect {

struct WebhookOptions {
  std::string path = "/webhooks/bankconnect";
  /// Accepted values of `x-secret-key`; empty: none is asked for. They are hashed and wiped.
  std::vector<std::string> secrets;
  std::uint64_t max_body_size = 1 << 20;
  std::uint32_t max_connections = 256;
};

class WebhookListener {
 public:
  struct World {
    boost::asio::io_context& loop;
    const Clock& clock;
    Follower& follower;
    Observer& observer;
  };

  WebhookListener(World world, WebhookOptions options);
  ~WebhookListener();

  /// Serves connections that arrive at a listening stream socket; takes the descriptor over.
  void serve(int listening_fd);
  /// From the next request on.
  void set_secrets(std::vector<std::string> secrets);
  /// From the next connection on.
  void use_tls(std::shared_ptr<net::TlsIdentity> identity);
  /// Takes nothing more; what is being made durable is answered.
  void stop();
  std::uint32_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
