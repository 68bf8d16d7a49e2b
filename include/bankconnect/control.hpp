// The control socket: HTTP over a Unix socket, with the calls of docs/control-socket.md. Event-loop thread
// only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "bankconnect/follow.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/store.hpp"

namespace bankconnect {

class ControlServer {
 public:
  class Impl;

  struct Dependencies {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;  ///< decompresses payloads
    Follower& follower;
    StoreReader& store;
    Log& log;
    std::function<std::string()> status;  ///< the daemon's status as JSON
    /// Copies the database to a path on the daemon's machine. Error BACKUP_FAILED.
    std::function<void(std::string path, Done<void> done)> backup;
    /// Lets sessions of a restored copy be initiated. Errors WRONG_STATE, STORE_UNAVAILABLE.
    std::function<void(Done<void> done)> resume;
    /// Registers the configured webhook URL with BankConnect and stores the outcome. Errors
    /// WEBHOOK_NOT_CONFIGURED, STORE_UNAVAILABLE.
    std::function<void(Done<RegistrationAnswer> done)> register_webhook;
    /// Removes the status file of a session that was erased.
    std::function<void(const SessionId& id, Done<void> done)> remove_file;
    /// How long a request waits for the store before it is answered STORE_UNAVAILABLE; what it asks to be
    /// written may still be.
    std::chrono::milliseconds commit_timeout = std::chrono::seconds(10);
    /// Bytes, decompressed, of all payloads being read at once. A single larger one is let through alone.
    std::uint64_t max_payload_bytes = 256ULL << 20;
    std::uint32_t max_connections = 256;
  };

  explicit ControlServer(Dependencies dependencies);
  ~ControlServer();

  /// Serves a listening Unix socket, instead of the one before; takes the descriptor over.
  void serve(int listening_fd);
  /// An event was committed, the newest: responses that stream the event log continue.
  void event_committed(const EventRecord& event);
  /// A session was erased: responses that follow the event log say so, in a line that the log does not keep.
  void session_erased(const SessionId& id);
  /// Takes no new work.
  void stop();
  std::uint32_t connections() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
