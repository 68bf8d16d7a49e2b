// The limits that all connections of a server share: their number, the bytes of the bodies being read, and
// the responses that stream for as long as their client likes. It also says which connection to close when a
// limit is reached. A value without I/O; time is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>

#include "bankconnect/http_server.hpp"
#include "src/net/stream.hpp"

namespace bankconnect::net {

/// What a connection waits for its peer to do. Those of an earlier kind are evicted before all of a later
/// one, so that peers that have done nothing do not push out those that have begun.
enum class Wait : std::uint8_t {
  first_byte,  ///< it has sent nothing yet
  more,        ///< of a handshake or a request, or the next request
  reading      ///< of its response
};
inline constexpr std::array kAllWaits = {Wait::first_byte, Wait::more, Wait::reading};

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

  /// It waits from `now` on. Does nothing when it waits already for that.
  void begin_wait(Id id, Wait wait, Deadline now);
  void end_wait(Id id);
  /// Its last response was written. What it held is released.
  void linger(Id id);

  /// The connection to close so that another can be accepted: the first to linger; else of the first kind of
  /// wait that has one, the one that has waited longest of those that waited for the grace period and for
  /// which `input_empty` holds. While one that has sent nothing is within its grace period it is waited for,
  /// where those are half of all. Clients that send slowly, however many, so displace each other and not
  /// those that send their requests at once.
  std::optional<Id> eviction_candidate(Deadline now, const std::function<bool(Id)>& input_empty) const;

  /// Counts bytes of a body being read. False: they would exceed the limit.
  bool reserve_body(Id id, std::uint64_t bytes);
  /// The connection to close so that `id` can reserve more: the longest waiting of the others that hold part
  /// of a body.
  std::optional<Id> body_eviction_candidate(Id id, Deadline now) const;

  /// One of the slots for unbounded streams: half of the connections. False when all are in use. A connection
  /// has one at most.
  bool acquire_stream_slot(Id id);

  /// The request was answered: gives back its body bytes and stream slot.
  void release(Id id);

 private:
  using List = std::list<Id>;
  struct Connection {
    List* list = nullptr;  ///< null: in none
    std::optional<Wait> wait;
    List::iterator position;
    Deadline waits_since;
    std::uint64_t body_bytes = 0;
    bool has_stream_slot = false;
  };

  void leave_list(Connection& connection);
  void enter_list(Id id, Connection& connection, List& list);
  List& waiting(Wait wait) { return waiting_[static_cast<std::size_t>(wait)]; }
  const List& waiting(Wait wait) const { return waiting_[static_cast<std::size_t>(wait)]; }
  bool are_half(Wait wait) const;
  Duration grace(Wait wait) const;

  ServerLimits limits_;
  Id last_id_ = 0;
  std::unordered_map<Id, Connection> connections_;
  std::array<List, kAllWaits.size()> waiting_;  ///< by Wait; the longest waiting first
  List lingering_;                              ///< the longest lingering first
  std::uint64_t body_bytes_ = 0;
  std::uint32_t stream_slots_ = 0;
};

}  // namespace bankconnect::net
