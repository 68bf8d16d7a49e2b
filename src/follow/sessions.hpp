// The sessions in memory: compact records in slots, found by id.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "bankconnect/records.hpp"
#include "src/follow/due_queue.hpp"
#include "src/follow/salted_hash.hpp"
#include "statemachine/session.hpp"

namespace bankconnect::follow {

/// What a slot is busy with. Only a waiting session can be asked about, so no call can overtake a commit.
enum class Phase : std::uint8_t {
  vacant,      ///< holds no session, and nothing about its id is under way
  waiting,     ///< in the schedule
  asking,      ///< a call is in flight: of this session, or of one that had its id and was erased
  committing,  ///< a write of it is not on disk yet
  erasing      ///< its erasure is not done yet; should that fail, it goes on as it is
};

/// Orders what is asked of the store about a session: a larger number was asked later.
using RequestNumber = std::uint64_t;

/// A slot: the session with an id, or, while something about the id is still under way, its place. Whether it
/// is erased by an erasure under way depends on which of the two was asked for later.
class Tracked {
 public:
  Session session;
  std::unique_ptr<LastError> last_error;
  std::uint32_t generation = 0;  ///< another session in the slot has another one
  std::uint16_t commits = 0;     ///< writes of this session that are not on disk yet
  // One-bit fields, with those below: a session costs eight bytes less.
  bool call_in_flight : 1 = false;
  /// Its last answer refused the account, or arrived whole and could not be used.
  bool failed_alike : 1 = false;
  bool slow : 1 = false;  ///< its last call was not answered in time

  Phase phase() const { return phase_; }
  bool holds_session() const { return holds_session_; }
  /// It holds a session that no erasure under way concerns.
  bool followed() const { return holds_session_ && !being_erased(); }
  /// It holds a session that was in memory, or asked for, before this request.
  bool held_before(RequestNumber request) const { return holds_session_ && placed_by_ < request; }
  /// An erasure under way was asked for later than this request.
  bool erased_since(RequestNumber request) const { return erasures_ && erasures_->back() > request; }

 private:
  friend class Sessions;
  bool being_erased() const { return erased_since(placed_by_); }
  Phase current_phase() const;

  bool holds_session_ : 1 = false;
  bool in_use_ : 1 = false;
  Phase phase_ = Phase::vacant;
  RequestNumber placed_by_ = 0;  ///< the request that brought the session
  /// The erasures of this id under way, in the order in which they were asked for; null: none.
  std::unique_ptr<std::vector<RequestNumber>> erasures_;
};

class Sessions {
 public:
  /// `salt`: see SaltedHash.
  explicit Sessions(std::uint64_t salt) : slot_of_(0, SaltedHash{salt}) {}

  std::optional<Slot> find(const SessionId& id) const;
  /// The slot of a followed session.
  std::optional<Slot> find_followed(const SessionId& id) const;
  /// The slot of the id; a vacant one when it had none.
  Slot slot_for(const SessionId& id);

  /// Puts a session into its slot, which must hold none.
  void place(Slot slot, const Session& session, RequestNumber request);
  /// Takes the session out of its slot.
  void remove(Slot slot);
  /// Whether its calls have failed kFailingLong times in a row. A session that is removed is forgotten here.
  void set_failing_long(Slot slot, bool failing);
  const std::set<SessionId>& failing_long() const { return failing_long_; }
  void begin_erasure(Slot slot, RequestNumber request);
  void end_erasure(Slot slot, RequestNumber request);

  /// The one place where a phase changes: works it out anew. A vacant slot is freed.
  Phase update_phase(Slot slot);

  Tracked& operator[](Slot slot) { return tracked_[slot]; }
  const Tracked& operator[](Slot slot) const { return tracked_[slot]; }
  /// Slots that hold a session.
  std::size_t size() const { return size_; }

  template <class F>
  void for_each(F&& visit) {
    for (Slot slot = 0; slot < tracked_.size(); ++slot) {
      if (tracked_[slot].holds_session_) visit(slot, tracked_[slot]);
    }
  }

 private:
  std::deque<Tracked> tracked_;  ///< grows without moving a record
  std::vector<Slot> free_;
  boost::unordered_flat_map<SessionId, Slot, SaltedHash> slot_of_;
  std::set<SessionId> failing_long_;
  std::size_t size_ = 0;
};

}  // namespace bankconnect::follow
