// The limits that all connections of a server share: their number, the bytes of the bodies being read, and
// the responses that stream for as long as their client likes. It also says which connection to close when a
// limit is reached. A value without I/O; time is an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>

#include "bankconnect/http_server.hpp"
#include "src/net/stream.hpp"

namespace bankconnect::net {

class ConnectionLimits {
 public:
  using Id = std::uint64_t;

  explicit ConnectionLimits(const ServerLimits& limits) : limits_(limits) {}

  /// A new connection, which waits for nothing.
  Id add();
  /// Releases everything it held. Fine to call twice.
  void remove(Id id);
  std::uint32_t size() const { return static_cast<std::uint32_t>(connections_.size()); }
  bool full() const { return size() >= limits_.max_connections; }

  /// It waits, from `now` on, for its peer to send or to read. Does nothing when it waits already.
  void begin_wait(Id id, Deadline now);
  void end_wait(Id id);
  /// Its last response was written. What it held is released.
  void linger(Id id);

  /// The connection to close so that another can be accepted: the first to linger, else the one that has
  /// waited longest of those that waited for the grace period and for which `input_empty` holds. Clients that
  /// send slowly, however many, so displace each other and not those that send their requests at once.
  std::optional<Id> eviction_candidate(Deadline now, const std::function<bool(Id)>& input_empty) const;

  /// Counts bytes of a body being read. False: they would exceed the limit.
  bool reserve_body(Id id, std::uint64_t bytes);
  /// The connection to close so that `id` can reserve more: the longest waiting of the others that hold part
  /// of a body.
  std::optional<Id> body_eviction_candidate(Id id) const;

  /// One of the slots for unbounded streams: half of the connections. False when all are in use. A connection
  /// has one at most.
  bool acquire_stream_slot(Id id);

  /// The request was answered: gives back its body bytes and stream slot.
  void release(Id id);

 private:
  enum class List : std::uint8_t { none, waiting, lingering };
  struct Connection {
    List list = List::none;
    std::list<Id>::iterator position;
    Deadline waits_since;
    std::uint64_t body_bytes = 0;
    bool has_stream_slot = false;
  };

  void leave_list(Connection& connection);

  ServerLimits limits_;
  Id last_id_ = 0;
  std::unordered_map<Id, Connection> connections_;
  std::list<Id> waiting_;    ///< the longest waiting first
  std::list<Id> lingering_;  ///< the longest lingering first
  std::uint64_t body_bytes_ = 0;
  std::uint32_t stream_slots_ = 0;
};

}  // namespace bankconnect::net
