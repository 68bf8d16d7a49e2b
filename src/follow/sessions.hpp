// The sessions in memory: compact records in slots, found by id.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "bankconnect/records.hpp"
#include "src/follow/due_queue.hpp"
#include "statemachine/session.hpp"

namespace bankconnect::follow {

/// A session in memory. It is in exactly one place at a time: waiting in a due queue, asking
/// (`live.in_flight`), committing, or being erased. Only a waiting session can be asked about, so nothing
/// leaves before its commit.
struct Tracked {
  Session session;
  std::uint32_t generation = 0;  ///< tells a late answer that its slot has a new tenant
  std::uint16_t commits = 0;     ///< writes that are not on disk yet
  bool used = false;
  bool erasing = false;  ///< its erasure is not on disk yet; should it fail, the session goes on as it is
  bool failed_alike = false;  ///< its last answer refused the account, or came whole and could not be used
  std::unique_ptr<LastError> last_error;
};

class Sessions {
 public:
  explicit Sessions(std::uint64_t salt) : slot_of_(0, Salted{salt}) {}

  Slot add(const Session& session);
  void drop(Slot slot);
  std::optional<Slot> find(const SessionId& id) const;

  Tracked& operator[](Slot slot) { return tracked_[slot]; }
  const Tracked& operator[](Slot slot) const { return tracked_[slot]; }
  std::size_t size() const { return slot_of_.size(); }

  template <class F>
  void for_each(F&& visit) {
    for (Slot slot = 0; slot < tracked_.size(); ++slot) {
      if (tracked_[slot].used) visit(slot, tracked_[slot]);
    }
  }

 private:
  struct Salted {
    std::uint64_t salt = 0;
    std::size_t operator()(const SessionId& id) const { return hash_of(id, salt); }
  };

  std::deque<Tracked> tracked_;  ///< grows without moving a record
  std::vector<Slot> free_;
  boost::unordered_flat_map<SessionId, Slot, Salted> slot_of_;
};

}  // namespace bankconnect::follow
