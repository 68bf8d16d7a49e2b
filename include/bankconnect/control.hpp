// The local socket: HTTP over a Unix socket, the contract's calls. Event-loop thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "bankconnect/archive.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/log.hpp"

namespace bankconnect {

class ControlServer {
 public:
  class Impl;

  struct World {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;  ///< unpacks payloads
    Follower& follower;
    Archive& archive;
    Log& log;
    std::function<std::string()> status;  ///< the daemon's status as JSON
    /// Registers the configured webhook URL with BankConnect and keeps what came of it. Error:
    /// WEBHOOK_NOT_CONFIGURED, STORE_UNAVAILABLE.
    std::function<void(std::function<void(Result<RegistrationAnswer>)>)> register_webhook;
    /// Removes the files about a session that was erased.
    std::function<void(const SessionId&, std::function<void(Result<void>)>)> remove_files;
    /// How long somebody who changes a session waits for the disk; then he is told that it goes on without
    /// him.
    std::chrono::milliseconds patience = std::chrono::seconds(10);
    /// Bytes of all payloads being read at once, unpacked. One is let through, however large it is.
    std::uint64_t max_payloads = 256ULL << 20;
  };

  explicit ControlServer(World world);
  ~ControlServer();

  /// Serves a listening Unix socket; takes the descriptor over.
  void serve(int listening_fd);
  /// An event was committed: streams that follow the event log go on.
  void event_committed();
  /// Takes no new work.
  void stop();
  std::uint32_t connections() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
